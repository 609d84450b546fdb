/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One announced page directory in several PDPTs: when it is given up none of
 * them may go on with what it was.
 */
#include "mmu_odd.h"

#define ROOTS		3
#define GIB		1u
#define PLACE		(GIB << 30)
#define OTHERS		4u
#define OTHER(i)	(PLACE | (320 + (i)) << 21)

static uint32_t roots[ROOTS], directory;

static void build_roots(void)
{
	unsigned int i;

	for (i = 0; i < ROOTS; i++) {
		roots[i] = paging_new_root();
		((uint64_t *)roots[i])[GIB] = ((uint64_t *)roots[0])[GIB];
	}
	directory = odd_directory(roots[0], PLACE);
	vmi_register_page_usage(directory / PAGE_SIZE, VMI_PAGE_PD);
}

/* A page table with @value in its first page. */
static uint32_t new_table(uint32_t value)
{
	uint32_t table = memory_allocate_page();

	odd_set(table, 0, odd_page(value) | FLAGS);
	vmi_register_page_usage(table / PAGE_SIZE, VMI_PAGE_PT);
	return table;
}

static uint32_t count_wrong(uint32_t want)
{
	uint32_t wrong = 0;
	unsigned int i;

	for (i = 0; i < ROOTS; i++) {
		vmi_set_cr3(roots[i]);
		wrong += odd_word(PLACE) != want;
	}
	vmi_set_cr3(paging_kernel_root());
	return wrong;
}

void test_shared(void)
{
	uint32_t root = paging_kernel_root(), page = odd_page(3), wrong = 0;
	unsigned int i;

	if (!pae)
		return;
	build_roots();
	odd_set(directory, 0, new_table(1) | FLAGS);
	report_equal(count_wrong(1), 0, "a directory in %u PDPTs", ROOTS);
	for (i = 0; i < OTHERS; i++) {
		paging_map(OTHER(i), page, FLAGS);
		vmi_register_page_usage((uint32_t)paging_entry_address(root, OTHER(i)) / PAGE_SIZE, VMI_PAGE_PT);
	}
	odd_word(OTHER(0));
	vmi_release_page(directory / PAGE_SIZE, VMI_PAGE_PD);
	odd_set(directory, 0, new_table(2) | FLAGS);
	for (i = 1; i < OTHERS; i++)
		wrong += odd_word(OTHER(i)) != 3;
	report_equal(wrong, 0, "it is given up: others come in its place");
	report_equal(count_wrong(2), 0, "and is nowhere what it was");
}
