/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables announced twice, at two levels, released in use, never released,
 * released when never announced; clones.
 */
#include "mmu_calls.h"

#define FLAGS	(PTE_PRESENT | PTE_WRITE)

static uint32_t table, first, second;

static bool maps(uint32_t value)
{
	return read_word(AREA, 0) == value;
}

/* Changes the one entry, and sees that the processor follows. */
static bool follows(void)
{
	set_entry(entry_at(table, 0), second | FLAGS);
	vmi_inval_page(AREA);
	if (!maps(2))
		return false;
	set_entry(entry_at(table, 0), first | FLAGS);
	vmi_flush_tlb(VMI_FLUSH_TLB);
	if (!maps(1))
		return false;
	set_entry(entry_at(table, 0), 0);
	vmi_set_cr3(vmi_get_cr3());
	if (!maps(0))
		return false;
	set_entry(entry_at(table, 0), first | FLAGS);
	return maps(1);
}

static void test_clone(void)
{
	uint32_t clone = memory_allocate_page(), directory = (uint32_t)
		paging_entry_address(paging_kernel_root(), AREA) & -PAGE_SIZE;
	uint32_t i;

	for (i = 0; i < PAGE_SIZE; i += 4)
		*(uint32_t *)(clone + i) = *(uint32_t *)(directory + i);
	vmi_clone_page_table(clone / PAGE_SIZE, table / PAGE_SIZE, 0, 512);
	table = clone;
	report(follows() == false, "a clone that is not in use changes nothing");
	table = directory;
	set_entry(entry_at(table, 0), first | FLAGS);
	report(follows(), "the clone's model is as it was");
	vmi_release_page(clone / PAGE_SIZE, VMI_PAGE_PT);
	memory_free_page(clone);
}

void test_announce(void)
{
	uint32_t root = paging_kernel_root() / PAGE_SIZE, frame;

	first = memory_allocate_page();
	second = memory_allocate_page();
	*(uint32_t *)first = 1;
	*(uint32_t *)second = 2;
	paging_map(AREA, first, FLAGS);
	table = (uint32_t)paging_entry_address(paging_kernel_root(), AREA) & -PAGE_SIZE;
	frame = table / PAGE_SIZE;
	report(follows(), "a table that nobody announced");
	vmi_release_page(frame, VMI_PAGE_PT);
	report(follows(), "released, never announced");
	vmi_register_page_usage(frame, VMI_PAGE_PT);
	report(follows(), "announced");
	vmi_register_page_usage(frame, VMI_PAGE_PT);
	report(follows(), "announced twice");
	vmi_allocate_page(frame, VMI_PAGE_PD, 0, 0, 0);
	report(follows(), "announced at two levels");
	vmi_register_page_usage(root, VMI_PAGE_PD);
	report(follows(), "its directory too");
	vmi_release_page(root, VMI_PAGE_PD);
	report(follows(), "its directory no more, in use");
	vmi_release_page(frame, VMI_PAGE_PT);
	report(follows(), "released in use");
	vmi_register_page_usage(frame, VMI_PAGE_PT);
	test_clone();
	paging_unmap(AREA);
}
