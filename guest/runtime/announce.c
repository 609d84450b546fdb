/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables announced to the monitor, in a file of its own: the call site
 * comes only into kernels that announce.
 */
#include "paging.h"

#include "vmi.h"

static void announce(uint32_t page)
{
	vmi_register_page_usage(page / PAGE_SIZE, VMI_PAGE_PT);
}

static void announce_table(uint32_t root, uint32_t linear)
{
	announce((uint32_t)paging_entry_address(root, linear) & -PAGE_SIZE);
}

void paging_announce(uint32_t root, uint32_t linear)
{
	uint64_t *pointers = (uint64_t *)root;
	unsigned int i;

	if (paging_mode() != BOOT_PAGING_PAE)
		announce(root);
	else
		for (i = 0; i < 4; i++)
			announce((uint32_t)pointers[i] & -PAGE_SIZE);
	announce_table(root, linear);
	for (linear = 0; linear < MEMORY_MAPPED; linear += 0x200000)
		announce_table(root, linear);
}
