/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Large pages that become others, or page tables, and the other way round; one
 * of them reaches into memory that a monitor keeps for itself.
 */
#include "mmu_odd.h"

#define MIXED_FRAME	(pae ? 0x03a00000u : 0x03800000u)	/* a monitor's memory begins in it */
#define HALF		0x200000u
#define LARGE		(FLAGS | PTE_LARGE)

static uint32_t directory;
static unsigned int entry;

/* The first words of pages 1 and 2 of a large frame. */
static void fill(uint32_t frame, uint32_t value)
{
	*(volatile uint32_t *)(frame + PAGE_SIZE) = value + 1;
	*(volatile uint32_t *)(frame + 2 * PAGE_SIZE) = value + 2;
}

static void change(bool call, uint64_t value)
{
	if (call)
		odd_set(directory, entry, value);
	else
		odd_store(directory, entry, value);
}

/* One address is invalidated: the whole page is. */
static void test_invalidate(uint32_t from, uint32_t to, bool call, const char *what)
{
	uint32_t first = AREA + PAGE_SIZE, second = AREA + 2 * PAGE_SIZE;

	fill(from, 10);
	fill(to, 20);
	change(call, from | LARGE);
	vmi_inval_page(first);
	report(odd_word(first) == 11 && odd_word(second) == 12, "a large page, %s", what);
	change(call, to | LARGE);
	vmi_inval_page(first);
	report(odd_word(second) == 22 && odd_word(first) == 21, "becomes another");
	change(call, 0);
	vmi_inval_page(first);
	report(odd_word(second) == 0xffffffff && odd_word(first) == 0xffffffff, "and none");
}

/*
 * Of a page of 4 MiB the upper half is used, then there is a page table, whose
 * lower half is used and invalidated: nothing is left of the large page.
 */
static void test_halves(bool call)
{
	uint32_t table = memory_allocate_page();

	odd_store(table, 0, odd_page(31) | FLAGS);
	odd_store(table, 512, odd_page(32) | FLAGS);
	*(volatile uint32_t *)(LARGE_FRAME + HALF) = 33;
	change(call, LARGE_FRAME | LARGE);
	report_equal(odd_word(AREA + HALF), 33, "the upper half of 4 MiB");
	change(call, table | FLAGS);
	odd_word(AREA);
	vmi_inval_page(AREA);
	report_equal(odd_word(AREA), 31, "a table in its place, lower half");
	report_equal(odd_word(AREA + HALF), 32, "upper half");
	change(call, LARGE_FRAME | LARGE);
	vmi_inval_page(AREA);
	vmi_inval_page(AREA + HALF);
	report_equal(odd_word(AREA + HALF), 33, "and back");
	change(call, 0);
	vmi_flush_tlb(VMI_FLUSH_TLB);
	memory_free_page(table);
}

/* All of a large page comes with one fault, or two where it takes two entries. */
static void test_size(void)
{
	uint32_t faults, linear, size = pae ? HALF : 2 * HALF;

	change(true, LARGE_FRAME | LARGE | PTE_DIRTY);
	vmi_flush_tlb(VMI_FLUSH_TLB);
	faults = odd_statistic("hidden-fault");
	for (linear = AREA; linear < AREA + size; linear += PAGE_SIZE)
		*(volatile uint32_t *)linear = linear;
	faults = odd_statistic("hidden-fault") - faults;
	report(faults <= (pae ? 1 : 2), "a large page takes %u faults", faults);
	change(true, 0);
	vmi_flush_tlb(VMI_FLUSH_TLB);
}

static void test_all(bool call)
{
	test_invalidate(LARGE_FRAME, LARGE_FRAME + 0x400000, call, "of memory");
	test_invalidate(MIXED_FRAME, LARGE_FRAME, call, "of which a part may be the monitor's");
	test_invalidate(LARGE_FRAME, MIXED_FRAME, call, "the other way round");
	if (!pae)
		test_halves(call);
}

void test_large(void)
{
	directory = odd_directory(paging_kernel_root(), AREA);
	entry = odd_index(AREA);
	vmi_set_cr4(vmi_get_cr4() | CR4_PSE);
	test_all(false);
	vmi_register_page_usage(directory / PAGE_SIZE, VMI_PAGE_PD);
	test_all(true);
	test_size();
	vmi_release_page(directory / PAGE_SIZE, VMI_PAGE_PD);
	vmi_set_cr4(vmi_get_cr4() & ~CR4_PSE);
}
