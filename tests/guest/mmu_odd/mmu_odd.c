/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: odd uses of page tables come out as on hardware: a table in very many places, a directory in several, large pages taken apart, misaligned entries, updates behind a SetCR3 that waits, a running counter as an entry.
 * Environments: native segment paged bochs-native bochs bochs-paged paged-checked segment-checked
 * Variants: paging=32 paging=pae
 */
#include "mmu_odd.h"

#define LEAF_STATISTICS		0x40000010u
#define LEAF_STATISTICS_END	0x40000050u

bool pae;

uint64_t odd_read(uint32_t table, unsigned int index)
{
	return pae ? ((uint64_t *)table)[index] : ((uint32_t *)table)[index];
}

void odd_store(uint32_t table, unsigned int index, uint64_t entry)
{
	if (pae)
		((volatile uint64_t *)table)[index] = entry;
	else
		((volatile uint32_t *)table)[index] = (uint32_t)entry;
}

void odd_set(uint32_t table, unsigned int index, uint64_t entry)
{
	if (pae)
		vmi_set_pte_long(entry, (vmi_pte_long *)table + index);
	else
		vmi_set_pte((vmi_pte)entry, (vmi_pte *)table + index);
}

uint32_t odd_directory(uint32_t root, uint32_t linear)
{
	return pae ? (uint32_t)((uint64_t *)root)[linear >> 30] & -PAGE_SIZE : root;
}

unsigned int odd_index(uint32_t linear)
{
	return pae ? linear >> 21 & 511 : linear >> 22;
}

uint32_t odd_page(uint32_t value)
{
	uint32_t page = memory_allocate_page();

	*(uint32_t *)page = value;
	return page;
}

uint32_t odd_word(uint32_t linear)
{
	uint32_t word;

	return try_read((const void *)linear, &word) ? word : 0xffffffff;
}

uint32_t odd_statistic(const char *name)
{
	uint32_t leaf, count = 0, text[4] = { 0 };

	for (leaf = LEAF_STATISTICS; platform_is_vmi() && leaf < LEAF_STATISTICS_END; leaf++) {
		vmi_cpuid(leaf, 0, &count, &text[0], &text[1], &text[2]);
		if (!strncmp((const char *)text, name, sizeof(text)))
			return count;
	}
	return 0;
}

int main(void)
{
	pae = paging_mode() == BOOT_PAGING_PAE;
	test_many();
	test_shared();
	test_large();
	test_misaligned();
	test_deferred();
	test_device();
	return 0;
}
