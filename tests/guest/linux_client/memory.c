/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables as real clients keep them: announced when their contents are
 * there already, updated by calls that name the address, reached through
 * windows for high memory that SetLinearMapping announces.
 */
#include "client.h"

#define USER_PAGE	0x08048000u	/* where a program lies */
#define WINDOW		0xfb000000u	/* what high page tables are mapped by */
#define RW_USER		(PTE_PRESENT | PTE_WRITE | PTE_USER)
#define KERNEL_FIRST	0x300u		/* what a clone covers: 3 GiB and up */
#define KERNEL_COUNT	0x100u
#define KERNEL_FIRST_PDPT 3u

struct space {
	uint32_t root, directory, table;	/* frames; root = directory but with PAE */
};

static bool pae(void)
{
	return paging_mode() == BOOT_PAGING_PAE;
}

/* set_pte, as the client wraps it; @flags as in section 5 of the ABI. */
static void set_entry(void *at, uint64_t pte, uint32_t flags)
{
	typedef void REGPARM set_long(uint64_t pte, void *at, uint32_t flags);

	if (pae())
		((set_long *)op_entries[VMI_NUMBER_SetPxELong])(pte, at, flags);
	else
		OP3(SetPxE, (uint32_t)pte, (uint32_t)at, flags);
}

static void update_entry(void *at, uint64_t pte, uint32_t flags)
{
	if (pae()) {
		*(volatile uint64_t *)at = pte;
		OP2(UpdatePxELong, (uint32_t)at, flags);
	} else {
		*(volatile uint32_t *)at = (uint32_t)pte;
		OP2(UpdatePxE, (uint32_t)at, flags);
	}
}

static uint32_t current(uint32_t linear)
{
	return VMI_PAGE_PT | VMI_PXE_CURRENT_AS | (linear & VMI_PXE_ADDRESS_MASK);
}

static void *entry_of(uint32_t table, uint32_t linear)
{
	uint32_t index = linear >> 12 & (pae() ? 511 : 1023);

	return (void *)(LOWMEM + table + index * (pae() ? 8 : 4));
}

static void copy_page(uint32_t to, uint32_t from, uint32_t bytes)
{
	memcpy((void *)(LOWMEM + to), (void *)(LOWMEM + from), bytes);
}

/* A directory is announced after the kernel's part has been copied into it. */
static void new_space(struct space *s)
{
	uint32_t kernel = paging_kernel_root();

	s->root = memory_allocate_page();
	s->directory = pae() ? memory_allocate_page() : s->root;
	s->table = memory_allocate_page();
	if (pae()) {
		uint64_t *pdpt = (uint64_t *)(LOWMEM + s->root);

		copy_page(s->root, kernel, 32);
		copy_page(s->directory, (uint32_t)pdpt[0] & ~0xfffu, PAGE_SIZE);
		OP5(AllocatePage, s->directory >> 12, VMI_PAGE_PD | VMI_PAGE_PAE | VMI_PAGE_ZEROED, 0, 0, 0);
		set_entry(pdpt, s->directory | PTE_PRESENT, VMI_PAGE_PDP);
		OP5(AllocatePage, s->root >> 12, VMI_PAGE_PD | VMI_PAGE_PAE | VMI_PAGE_CLONE | VMI_PAGE_ZEROED,
		    kernel >> 12, KERNEL_FIRST_PDPT, 1);
	} else {
		copy_page(s->root, kernel, PAGE_SIZE);
		OP5(AllocatePage, s->root >> 12, VMI_PAGE_PD | VMI_PAGE_CLONE | VMI_PAGE_ZEROED, kernel >> 12,
		    KERNEL_FIRST, KERNEL_COUNT);
	}
	OP5(AllocatePage, s->table >> 12, VMI_PAGE_PT | VMI_PAGE_ZEROED | PAGE_TABLE_PAE, 0, 0, 0);
	/* Real clients say PT here, and announce a table twice now and then. */
	OP5(AllocatePage, s->table >> 12, VMI_PAGE_PT | VMI_PAGE_ZEROED | PAGE_TABLE_PAE, 0, 0, 0);
	set_entry((void *)(LOWMEM + s->directory + (USER_PAGE >> (pae() ? 21 : 22)) * (pae() ? 8 : 4)),
		  s->table | RW_USER, VMI_PAGE_PD);
}

static void free_space(struct space *s)
{
	OP2(ReleasePage, s->table >> 12, VMI_PAGE_PT);
	memory_free_page(s->table);
	/* A directory may never be released. */
}

static uint32_t read_user(void)
{
	return *(volatile uint32_t *)USER_PAGE;
}

static void test_updates(struct space *s, uint32_t *frames)
{
	void *at = entry_of(s->table, USER_PAGE);

	set_entry(at, frames[0] | RW_USER, current(USER_PAGE));
	report_equal(read_user(), frames[0], "a new mapping");
	set_entry(at, frames[1] | RW_USER, current(USER_PAGE));
	OP1(InvalPage, USER_PAGE);
	report_equal(read_user(), frames[1], "another, after InvalPage");
	update_entry(at, frames[0] | RW_USER, current(USER_PAGE));
	OP1(InvalPage, USER_PAGE);
	report_equal(read_user(), frames[0], "one that the client wrote and told of");
	update_entry(at, frames[1] | RW_USER, current(USER_PAGE) | VMI_PXE_DEFER);
	OP1(FlushTLB, VMI_FLUSH_TLB);
	report_equal(read_user(), frames[1], "one that could wait, after FlushTLB");
	OP1(SetLazyMode, VMI_LAZY_MMU);
	set_entry(at, frames[0] | RW_USER, current(USER_PAGE));
	OP1(SetLazyMode, VMI_LAZY_OFF);
	OP1(InvalPage, USER_PAGE);
	report_equal(read_user(), frames[0], "one in lazy mode");
	*(volatile uint32_t *)USER_PAGE = frames[0];
	report((*(volatile uint32_t *)at & (PTE_ACCESSED | PTE_DIRTY)) == (PTE_ACCESSED | PTE_DIRTY),
	       "accessed and dirty show in the client's own table");
}

/* The same table through a window, as a high one would be: slots 1 and 2. */
static void test_windows(struct space *s, uint32_t *frames)
{
	void *window_entry = paging_entry_address(paging_kernel_root(), WINDOW);
	unsigned int i, wrong = 0;
	void *at;

	for (i = 0; i < 64; i++) {
		uint32_t linear = WINDOW + i % 2 * PAGE_SIZE;

		at = (uint8_t *)window_entry + i % 2 * (pae() ? 8 : 4);
		set_entry(at, s->table | PTE_PRESENT | PTE_WRITE, VMI_PAGE_PT);
		OP1(InvalPage, linear);
		OP4(SetLinearMapping, 1 + i % 2, linear, 1, s->table >> 12);
		at = (void *)(linear + ((uint32_t)entry_of(s->table, USER_PAGE) & 0xfff));
		set_entry(at, frames[i % 2] | RW_USER, current(USER_PAGE));
		OP1(InvalPage, USER_PAGE);
		wrong += read_user() != frames[i % 2];
	}
	report_equal(wrong, 0, "updates through windows that went wrong");
}

static void test_switch(struct space *s, uint32_t *frames)
{
	struct space other;
	unsigned int i, wrong = 0;

	new_space(&other);
	set_entry(entry_of(s->table, USER_PAGE), frames[0] | RW_USER, current(USER_PAGE));
	set_entry(entry_of(other.table, USER_PAGE), frames[1] | RW_USER, VMI_PAGE_PT);
	for (i = 0; i < 100; i++) {
		OP1(SetLazyMode, VMI_LAZY_CPU);
		OP1(SetCR3, i % 2 ? s->root : other.root);
		OP1(SetLazyMode, VMI_LAZY_OFF);
		wrong += read_user() != frames[1 - i % 2];
	}
	report_equal(wrong, 0, "address spaces mixed up");
	OP1(SetCR3, paging_kernel_root());
	free_space(&other);
}

/* The windows' page table is there from the start. */
void memory_prepare(void)
{
	paging_map(WINDOW, memory_allocate_page(), PTE_PRESENT | PTE_WRITE);
	paging_unmap(WINDOW);
}

void test_memory(void)
{
	uint32_t frames[2] = { memory_allocate_page(), memory_allocate_page() };
	struct space s;
	unsigned int i;

	for (i = 0; i < 2; i++)
		*(volatile uint32_t *)(LOWMEM + frames[i]) = frames[i];
	new_space(&s);
	OP1(SetCR3, s.root);
	test_updates(&s, frames);
	test_windows(&s, frames);
	test_switch(&s, frames);
	free_space(&s);
}
