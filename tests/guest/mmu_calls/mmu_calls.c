/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: announcements, bad arguments, many address spaces and deferral do what docs/mmu.md says.
 * Environments: native segment paged bochs bochs-paged paged-checked segment-checked
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

int main(void)
{
	pae = paging_mode() == BOOT_PAGING_PAE;
	test_announce();
	test_input();
	test_spaces();
	test_queue();
	return 0;
}
