/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: announcements, bad arguments, many address spaces and deferral do what docs/mmu.md says.
 * Environments: native segment paged bochs bochs-paged
 * Variants: paging=32 paging=pae
 */
#include "mmu_calls.h"

bool pae;

void set_entry(void *at, uint64_t value)
{
	if (pae)
		vmi_set_pte_long(value, at);
	else
		vmi_set_pte((vmi_pte)value, at);
}

void *entry_at(uint32_t table, unsigned int index)
{
	uint32_t at = (table & -PAGE_SIZE) + index * (pae ? 8 : 4);

	return (void *)at;
}

uint32_t read_word(uint32_t address, uint32_t otherwise)
{
	uint32_t word;

	return try_read((const void *)address, &word) ? word : otherwise;
}

static void announce(uint32_t page)
{
	vmi_register_page_usage(page / PAGE_SIZE, VMI_PAGE_PT);
}

/* The directories, the table for an address, and the kernel's own. */
void announce_root(uint32_t root, uint32_t linear)
{
	uint64_t *pointers = (uint64_t *)root;
	unsigned int i;

	if (!pae)
		announce(root);
	for (i = 0; pae && i < 4; i++)
		announce((uint32_t)pointers[i] & -PAGE_SIZE);
	announce((uint32_t)paging_entry_address(root, linear) & -PAGE_SIZE);
	for (linear = 0; linear < MEMORY_MAPPED; linear += 0x200000)
		announce((uint32_t)paging_entry_address(root, linear) & -PAGE_SIZE);
}

int main(void)
{
	pae = paging_mode() == BOOT_PAGING_PAE;
	test_announce();
	test_input();
	test_spaces();
	test_queue();
	return 0;
}
