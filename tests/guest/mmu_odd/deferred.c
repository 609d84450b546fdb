/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Updates behind a SetCR3 that waits: the kernel still runs in the address space
 * that it leaves, and so what its pointer leads to is that one's, if they differ.
 * Whichever table it is that changes, its space shows what it says.
 */
#include "mmu_odd.h"

#define OWN		0x74000000u	/* no table yet */
#define WINDOW		0x78000000u	/* the table of OWN in either space */

static uint32_t roots[2], tables[2], pages[3];

static void announce(uint32_t page)
{
	vmi_register_page_usage((page & -PAGE_SIZE) / PAGE_SIZE, VMI_PAGE_PT);
}

static void build(unsigned int which)
{
	uint32_t root = paging_new_root();

	roots[which] = root;
	paging_map_in(root, OWN, pages[0], FLAGS);
	tables[which] = (uint32_t)paging_entry_address(root, OWN) & -PAGE_SIZE;
	paging_map_in(root, WINDOW, tables[which], FLAGS);
	announce((uint32_t)paging_entry_address(root, WINDOW));
	announce(odd_directory(root, OWN));
	announce(tables[which]);
}

static bool shows_its_table(unsigned int which)
{
	uint32_t page;

	vmi_set_cr3(roots[which]);
	page = (uint32_t)odd_read(WINDOW, 0) & -PAGE_SIZE;
	return odd_word(OWN) == *(uint32_t *)page;
}

void test_deferred(void)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		pages[i] = odd_page(i + 1);
	build(0);
	build(1);
	report(shows_its_table(1) && shows_its_table(0), "two spaces");
	vmi_set_deferred_mode(VMI_DEFER_CPU | VMI_DEFER_MMU);
	odd_set(WINDOW, 1, pages[1] | FLAGS);
	vmi_set_cr3(roots[1]);
	odd_set(WINDOW, 0, pages[2] | FLAGS);
	vmi_set_deferred_mode(0);
	report(shows_its_table(1) && shows_its_table(0), "updates before and behind a SetCR3 that waits");
	vmi_set_cr3(paging_kernel_root());
}
