/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tables.  Each is used as page table, as directory and, with PAE, as one of
 * the three upper directories of a root; entries lead to tables, to marked
 * memory and to the monitor's, small and large.
 */
#include "mmu_hole.h"

#include "msr.h"

#define LARGE		0x400000u
#define RECENT		8

uint32_t tables[TABLES], roots[ROOTS];

static uint32_t current;

static unsigned int entries(void)
{
	return pae ? 512 : 1024;
}

static uint32_t random_frame(void)
{
	uint32_t pages;

	switch (random_below(4)) {
	case 0:
		return tables[random_below(TABLES)];
	case 1:
		pages = (monitor_first - MARKED_FIRST) / PAGE_SIZE;
		return MARKED_FIRST + random_below(pages) * PAGE_SIZE;
	default:
		pages = (monitor_end - monitor_first) / PAGE_SIZE;
		return monitor_first + random_below(pages) * PAGE_SIZE;
	}
}

/* A large page begins anywhere in memory that is marked or the monitor's. */
static uint32_t random_large(void)
{
	uint32_t size = pae ? 0x200000 : 0x400000;
	uint32_t base = MARKED_FIRST + random_below((RAM_END - MARKED_FIRST) / size) * size;

	/* Reserved bits, which PSE-36 would use, now and then. */
	return base | PTE_LARGE | (random_below(8) ? 0 : random_below(256) << 13);
}

static uint64_t random_entry(void)
{
	uint64_t entry = random_below(8) ? PTE_PRESENT : 0;

	if (random_below(5))
		entry |= PTE_WRITE;
	if (random_below(3))
		entry |= PTE_USER;
	if (!random_below(3))
		entry |= PTE_GLOBAL | PTE_DIRTY;
	if (!random_below(4))
		entry |= random_below(4) << 3;
	if (pae && !random_below(16))
		entry |= PTE_NX;
	if (pae && !random_below(16))
		entry |= 1ull << 50;		/* reserved */
	return entry | (random_below(4) ? random_frame() : random_large());
}

static void write_entry(uint32_t table, unsigned int index, uint64_t entry)
{
	void *at = (void *)(table + index * (pae ? 8 : 4));

	switch (random_below(4)) {
	case 0:
		if (pae)
			vmi_set_pte_long(entry, at);
		else
			vmi_set_pte((vmi_pte)entry, at);
		break;
	case 1:
		if (pae)
			vmi_swap_pte_long(entry, at);
		else
			vmi_swap_pte((vmi_pte)entry, at);
		break;
	default:
		if (pae)
			*(volatile uint64_t *)at = entry;
		else
			*(volatile uint32_t *)at = (uint32_t)entry;
		if (random_below(2))
			vmi_update_pxe(at, random_below(0x40));
	}
}

/* Of a root's own entries those of the kernel's stay. */
static unsigned int first_entry(void)
{
	return KERNEL_END >> (pae ? 21 : 22);
}

/* Where @linear's directory entry is, in the root that is loaded. */
static uint32_t kernel_directory(uint32_t root)
{
	return pae ? (uint32_t)*(uint64_t *)root & -PAGE_SIZE : root;
}

/*
 * Some pages are used again and again, so there are stale translations, and their
 * neighbours, which the same large page may map.  Each GiB's first are the kernel's
 * own if its directory is there, too.
 */
uint32_t tables_address(void)
{
	static uint32_t recent[RECENT];
	uint32_t *one = &recent[random_below(RECENT)];

	while (*one % (pae ? 1u << 30 : HOLE_BASE) < KERNEL_END || !random_below(16))
		*one = random_below(HOLE_BASE / PAGE_SIZE) * PAGE_SIZE + PAGE_END;
	if (random_below(2))
		return *one;
	return (*one & -LARGE) + random_below(LARGE / PAGE_SIZE) * PAGE_SIZE + PAGE_END;
}

/* Mostly such an entry as tables_address() makes use of. */
static unsigned int random_index(bool directory, unsigned int first, unsigned int end)
{
	uint32_t linear = tables_address();
	unsigned int index = linear >> 12;

	if (directory)
		index = linear >> (pae ? 21 : 22);
	index %= entries();
	return index >= first && index < end ? index : first + random_below(end - first);
}

static void change_entry(void)
{
	unsigned int index;
	uint32_t table;

	if (random_below(2)) {
		table = tables[random_below(TABLES)];
		index = random_index(random_below(2), 0, entries() - 1);
	} else {
		table = kernel_directory(current);
		index = random_index(true, first_entry(), pae ? 511 : HOLE_BASE >> 22);
	}
	write_entry(table, index, random_entry());
}

/* Walks that take the PDPT for a directory set accessed, which no PDPTE may have. */
static void clean_pointers(void)
{
	unsigned int i;

	for (i = 0; pae && i < 4; i++)
		((volatile uint64_t *)current)[i] &= ~(uint64_t)(PTE_ACCESSED | PTE_DIRTY);
}

static void flush(void)
{
	clean_pointers();
	switch (random_below(6)) {
	case 0:
		vmi_flush_tlb(VMI_FLUSH_TLB | VMI_FLUSH_GLOBAL);
		break;
	case 1:
		vmi_inval_page(tables_address());
		break;
	case 2:
		vmi_flush_deferred_calls();
		break;
	default:		/* none: what is stale stays */
		break;
	}
}

void tables_change(void)
{
	unsigned int count = 1 + random_below(8);

	while (count--)
		change_entry();
	flush();
}

static void change_pointers(uint64_t *pointers)
{
	unsigned int i;

	for (i = 1; i < 4; i++)
		pointers[i] = tables[random_below(TABLES)] | (random_below(8) ? PTE_PRESENT : 0);
	/* The kernel's directory once more, and the PDPT as a directory. */
	if (!random_below(4))
		pointers[1 + random_below(3)] = pointers[0];
	if (!random_below(4))
		pointers[1 + random_below(3)] = (uint32_t)pointers | PTE_PRESENT;
}

static void announce(void)
{
	uint32_t frame = random_frame() / PAGE_SIZE;

	if (!random_below(3))
		frame = kernel_directory(current) / PAGE_SIZE;
	switch (random_below(4)) {
	case 0:
		vmi_register_page_usage(frame, 1u << random_below(8));
		break;
	case 1:
		vmi_allocate_page(frame, random_below(0x80), random_frame() / PAGE_SIZE, 0, 512);
		break;
	case 2:
		vmi_clone_page_table(frame, random_frame() / PAGE_SIZE, 0, 512);
		break;
	default:
		vmi_release_page(frame, VMI_PAGE_PT);
	}
}

static void switch_root(void)
{
	current = roots[random_below(ROOTS)];
	if (pae)
		change_pointers((uint64_t *)current);
	clean_pointers();
	vmi_set_cr3(current);
}

void tables_switch(void)
{
	clean_pointers();
	switch (random_below(8)) {
	case 0:
		vmi_set_cr0(vmi_get_cr0() ^ CR0_WP);
		break;
	case 1:
		vmi_set_cr4(vmi_get_cr4() ^ (random_below(2) ? CR4_PSE : CR4_PGE));
		break;
	case 2:
		if (pae)
			vmi_wrmsr(MSR_EFER, vmi_rdmsr(MSR_EFER) ^ EFER_NXE);
		break;
	case 3:
		vmi_set_deferred_mode(random_below(8));
		break;
	case 4:
	case 5:
		announce();
		break;
	default:
		switch_root();
	}
}

void tables_build(void)
{
	unsigned int i, j;

	for (i = 0; i < TABLES; i++)
		tables[i] = memory_allocate_page();
	for (i = 0; i < TABLES; i++) {
		for (j = 0; j < entries() - 1; j++)
			write_entry(tables[i], j, random_entry());
		*(uint32_t *)(tables[i] + PAGE_END) = MARK;
	}
	for (i = 0; i < ROOTS; i++) {
		roots[i] = paging_new_root();
		current = roots[i];
		for (j = 0; j < 1000; j++)
			change_entry();
		*(uint32_t *)(kernel_directory(current) + PAGE_END) = MARK;
		if (pae)
			*(uint32_t *)(current + PAGE_END) = MARK;
	}
	switch_root();
}
