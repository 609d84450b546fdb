/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arguments that no sane kernel would give. The guest gets a fault or nothing;
 * the monitor and its memory are out of reach.
 */
#include "mmu_calls.h"

#include "base/hole.h"

#define FLAGS		(PTE_PRESENT | PTE_WRITE)
#define UNMAPPED	0x60000000u

static uint32_t table;

static void set_at(void *address)
{
	set_entry(address, 0);
}

static void swap_at(void *address)
{
	if (pae)
		vmi_swap_pte_long(0, address);
	else
		vmi_swap_pte(0, address);
}

static void update_at(void *address)
{
	if (pae)
		vmi_update_pxe_long(address, VMI_PAGE_PT);
	else
		vmi_update_pxe(address, VMI_PAGE_PT);
}

static void test_pointer(void (*call)(void *), const char *name)
{
	struct fault fault;

	report(expect_fault(call, (void *)UNMAPPED, &fault) && fault.vector == TRAP_PAGE
	       && fault.cr2 == UNMAPPED, "%s at an unmapped address faults", name);
	if (!platform_is_vmi())
		return;
	report(expect_fault(call, (void *)(HOLE_BASE + 0x200000), &fault),
	       "%s at an address of the monitor's faults", name);
}

/* An address that is mapped but holds no table, or lies across two entries. */
static void test_no_table(void)
{
	uint32_t page = memory_allocate_page();
	uint8_t *bytes = (uint8_t *)entry_at(table, 4);
	uint32_t value;

	set_entry((void *)page, 5);
	report_equal(*(uint32_t *)page, 5, "an entry in a page that is no table is written");
	*(uint32_t *)page = 77;
	set_entry(entry_at(table, 4), page | FLAGS);
	set_entry(entry_at(table, 5), page | FLAGS);
	report(try_read((void *)(AREA + 4 * PAGE_SIZE), &value) && value == 77, "two entries");
	if (pae)
		return;
	/* The upper half of entry 4 and the lower of entry 5: both lose P or their frame. */
	vmi_set_pte(0, (vmi_pte *)(bytes + 2));
	vmi_flush_tlb(VMI_FLUSH_TLB);
	report(!try_read((void *)(AREA + 5 * PAGE_SIZE), &value),
	       "a misaligned entry changes both that it touches");
	set_entry(entry_at(table, 4), 0);
	vmi_flush_tlb(VMI_FLUSH_TLB);
}

/* Frames that hold no memory, or the monitor's, as page tables. */
static void test_frames(void)
{
	static const uint32_t frames[] = {
		0xfee00000u, 0xfec00000u, 0xfffff000u, 0x000a0000u, 0x03fff000u, 0x03c00000u,
	};
	void *directory = entry_at(pae ? (uint32_t)((uint64_t *)paging_kernel_root())[1]
				   : paging_kernel_root(), (UNMAPPED >> (pae ? 21 : 22))
				   & (pae ? 511 : 1023));
	unsigned int i, tried = 0;
	uint32_t value;

	for (i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		vmi_register_page_usage(frames[i] / PAGE_SIZE, VMI_PAGE_PT);
		vmi_allocate_page(frames[i] / PAGE_SIZE, VMI_PAGE_PD, 0xffffffff, 0, 0xffff);
		set_entry(directory, frames[i] | FLAGS);
		try_read((void *)UNMAPPED, &value);
		/* As a page, small and large: never the monitor's memory. */
		set_entry(directory, 0);
		vmi_flush_tlb(VMI_FLUSH_TLB);
		set_entry(entry_at(table, 6), frames[i] | FLAGS);
		tried += try_read((void *)(AREA + 6 * PAGE_SIZE), &value);
		set_entry(entry_at(table, 6), 0);
		vmi_inval_page(AREA + 6 * PAGE_SIZE);
		vmi_release_page(frames[i] / PAGE_SIZE, VMI_PAGE_PT);
	}
	report_equal(tried, i, "pages of any frame can be read");
	vmi_register_page_usage(0xffffffff, 0xffffffff);
	vmi_release_page(0xffffffff, 0xffffffff);
	vmi_clone_page_directory(0xffffffff, 0xffffffff, 0xffff, 0xffff);
	vmi_set_linear_mapping(4, 0, 1, 0);
	vmi_set_linear_mapping(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff);
	vmi_inval_page(HOLE_BLOCK);
	vmi_flush_tlb(0xffffffff);
	report(true, "arguments out of all ranges");
}

/* Each frame of the monitor's reads as ones, and what is written there is lost. */
static void test_monitor_frames(void)
{
	uint32_t frame, wrong = 0;
	void *entry = entry_at(table, 7);
	volatile uint32_t *word = (volatile uint32_t *)(AREA + 7 * PAGE_SIZE);

	if (!platform_is_vmi())
		return;
	/* The top of the 64 MiB is the monitor's. */
	for (frame = 0x03fdf000u - 0x100000; frame < 0x03fdf000u; frame += PAGE_SIZE) {
		set_entry(entry, frame | FLAGS);
		*word = 0x12345678;
		wrong += *word != 0xffffffff;
		set_entry(entry, 0);
		vmi_inval_page((uint32_t)word);
	}
	report_equal(wrong, 0, "the monitor's memory is out of reach");
}

void test_input(void)
{
	paging_map(AREA, memory_allocate_page(), FLAGS);
	table = (uint32_t)paging_entry_address(paging_kernel_root(), AREA) & -PAGE_SIZE;
	test_pointer(set_at, "SetPte");
	test_pointer(swap_at, "SwapPte");
	if (platform_is_vmi())
		test_pointer(update_at, "UpdatePxE");
	test_no_table();
	test_frames();
	test_monitor_frames();
	paging_unmap(AREA);
}
