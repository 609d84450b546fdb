/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls whose pointer lies across two entries, or in two pages: what they write is
 * what the processor goes by.
 */
#include "mmu_odd.h"

#define ENTRIES		4u

/* Their addresses have no bit that looks like that of a present entry. */
static uint32_t table, pages[2];

/* Two entries side by side, both in use. */
static void prepare(unsigned int first)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		odd_set(table, first + i, pages[i] | FLAGS);
		vmi_inval_page(AREA + (first + i) * PAGE_SIZE);
		odd_word(AREA + (first + i) * PAGE_SIZE);
	}
}

/* Zeroes are written at @offset from entry @first: what it was says no entry any more. */
static bool follows(unsigned int first, unsigned int offset)
{
	unsigned int i;
	bool right = true;

	prepare(first);
	if (pae)
		vmi_set_pte_long(0, (vmi_pte_long *)(table + first * 8 + offset));
	else
		vmi_set_pte(0, (vmi_pte *)(table + first * 4 + offset));
	vmi_flush_tlb(VMI_FLUSH_TLB);
	for (i = 0; i < 2; i++) {
		uint64_t entry = odd_read(table, first + i);
		bool same = (entry & PTE_PRESENT) && (entry & -(uint64_t)PAGE_SIZE) == pages[i];

		right = right && (odd_word(AREA + (first + i) * PAGE_SIZE) == i + 1) == same;
	}
	return right;
}

void test_misaligned(void)
{
	uint32_t directory = odd_directory(paging_kernel_root(), AREA);
	unsigned int offset, size, i;

	size = pae ? 8 : 4;
	for (i = 0; i < 2; i++) {
		pages[i] = LARGE_FRAME + i * PAGE_SIZE;
		*(volatile uint32_t *)pages[i] = i + 1;
	}
	paging_map(AREA, pages[0], FLAGS);
	table = (uint32_t)paging_entry_address(paging_kernel_root(), AREA) & -PAGE_SIZE;
	vmi_register_page_usage(table / PAGE_SIZE, VMI_PAGE_PT);
	vmi_register_page_usage(directory / PAGE_SIZE, VMI_PAGE_PD);
	for (offset = 0; offset < size; offset++)
		report(follows(ENTRIES, offset), "an entry at offset %u", offset);
	paging_unmap(AREA);
	vmi_release_page(table / PAGE_SIZE, VMI_PAGE_PT);
	vmi_release_page(directory / PAGE_SIZE, VMI_PAGE_PD);
}
