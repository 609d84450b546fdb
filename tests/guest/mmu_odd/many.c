/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One announced page table in more than 65536 places: none of them may be
 * forgotten when it is given up.
 */
#include "mmu_odd.h"

#define ROOTS		66
#define GIBS		2u		/* the second and the third are full of it */
#define ENTRIES		512u
#define OTHERS		8u
#define SOME		4u
#define PLACE(gib, i)	(((gib) + 1) << 30 | (i) << 21)
#define OTHER(i)	PLACE(0, 256 + (i))

static uint32_t roots[ROOTS], table;

static void build_root(unsigned int which)
{
	unsigned int gib, i;
	uint32_t directory;

	roots[which] = paging_new_root();
	for (gib = 0; gib < GIBS; gib++) {
		directory = odd_directory(roots[which], PLACE(gib, 0));
		for (i = 0; i < ENTRIES; i++)
			odd_store(directory, i, table | FLAGS | PTE_USER);
		vmi_register_page_usage(directory / PAGE_SIZE, VMI_PAGE_PD);
	}
}

/* Of the first @entries of each GiB. */
static uint32_t count_wrong(unsigned int root, unsigned int entries, uint32_t want)
{
	uint32_t wrong = 0;
	unsigned int gib, i;

	vmi_set_cr3(roots[root]);
	for (gib = 0; gib < GIBS; gib++)
		for (i = 0; i < entries; i++)
			wrong += odd_word(PLACE(gib, i)) != want;
	vmi_set_cr3(paging_kernel_root());
	return wrong;
}

static void give_up(unsigned int which)
{
	unsigned int gib;

	for (gib = 0; gib < GIBS; gib++)
		vmi_release_page(odd_directory(roots[which], PLACE(gib, 0)) / PAGE_SIZE, VMI_PAGE_PD);
}

/* Tables of their own, announced, of which the first is used. */
static void map_others(void)
{
	uint32_t root = paging_kernel_root(), page = odd_page(3);
	unsigned int i;

	for (i = 0; i < OTHERS; i++) {
		paging_map(OTHER(i), page, FLAGS);
		vmi_register_page_usage((uint32_t)paging_entry_address(root, OTHER(i)) / PAGE_SIZE,
					VMI_PAGE_PT);
	}
	vmi_register_page_usage(odd_directory(root, OTHER(0)) / PAGE_SIZE, VMI_PAGE_PD);
	odd_word(OTHER(0));
	/* One more place: what is left of the count in 16 bits is then whole directories. */
	odd_set(odd_directory(root, OTHER(0)), odd_index(OTHER(OTHERS)), table | FLAGS);
	odd_word(OTHER(OTHERS));
}

void test_many(void)
{
	uint32_t wrong = 0;
	unsigned int i;

	if (!pae)
		return;
	table = memory_allocate_page();
	odd_set(table, 0, odd_page(1) | FLAGS);
	vmi_register_page_usage(table / PAGE_SIZE, VMI_PAGE_PT);
	for (i = 0; i < ROOTS; i++) {
		build_root(i);
		wrong += count_wrong(i, ENTRIES, 1);
	}
	report_equal(wrong, 0, "a table in %u places", ROOTS * GIBS * ENTRIES);
	map_others();
	vmi_release_page(table / PAGE_SIZE, VMI_PAGE_PT);
	for (i = 1; i < OTHERS; i++)
		wrong += odd_word(OTHER(i)) != 3;
	report_equal(wrong, 0, "it is given up: others come in its place");
	odd_set(table, 0, odd_page(2) | FLAGS);
	vmi_flush_tlb(VMI_FLUSH_TLB);
	for (i = ROOTS; i--;)
		wrong += count_wrong(i, SOME, 2);
	report_equal(wrong, 0, "and is nowhere where it was");
	for (i = 0; i < ROOTS; i++)
		give_up(i);
	vmi_release_page(odd_directory(paging_kernel_root(), OTHER(0)) / PAGE_SIZE, VMI_PAGE_PD);
}
