/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables, in whichever of the two formats the kernel booted with.
 */
#include "paging.h"

#include "vmi.h"

#include "cpu.h"
#include "platform.h"
#include "string.h"

/* What differs between the formats below the (PAE) top level. */
struct format {
	unsigned int entry_size;	/* bytes */
	unsigned int table_shift;	/* linear bits that one table maps */
	uint32_t entries;		/* of a table */
};

static const struct format formats[] = {
	[BOOT_PAGING_32] = { 4, 22, 1024 },
	[BOOT_PAGING_PAE] = { 8, 21, 512 },
};

#define PAE_DIRECTORIES		4
#define TABLE_FLAGS		(PTE_PRESENT | PTE_WRITE | PTE_USER)

/* Room for the 64 MiB in the larger format. */
#define KERNEL_TABLES		(MEMORY_MAPPED >> 21)

static uint8_t kernel_tables[KERNEL_TABLES][PAGE_SIZE]
	__attribute__((aligned(PAGE_SIZE)));
static uint8_t kernel_directories[PAE_DIRECTORIES][PAGE_SIZE]
	__attribute__((aligned(PAGE_SIZE)));
static union {
	uint64_t entries[PAE_DIRECTORIES];
	uint8_t page[PAGE_SIZE];
} kernel_pointers __attribute__((aligned(PAGE_SIZE)));

static enum boot_paging mode;
static const struct format *format;
static bool high_alias;

enum boot_paging paging_mode(void)
{
	return mode;
}

static uint64_t read_entry(const void *address)
{
	if (format->entry_size == 8)
		return *(const uint64_t *)address;
	return *(const uint32_t *)address;
}

static void write_entry(void *address, uint64_t entry)
{
	if (format->entry_size == 8)
		vmi_set_pte_long(entry, (vmi_pte_long *)address);
	else
		vmi_set_pte((vmi_pte)entry, (vmi_pte *)address);
}

/* The directory's entry for a linear address. */
static void *directory_entry(uint32_t root, uint32_t linear)
{
	uint32_t directory = root & -32u;
	uint32_t index;

	if (mode == BOOT_PAGING_OFF)
		platform_fail("page tables are used, but paging is off");
	index = linear >> format->table_shift;
	if (mode == BOOT_PAGING_PAE) {
		const uint64_t *pointers = (const uint64_t *)directory;

		directory = (uint32_t)pointers[linear >> 30] & ~PTE_FLAGS;
		index &= format->entries - 1;
	}
	return (void *)(directory + index * format->entry_size);
}

void *paging_entry_address(uint32_t root, uint32_t linear)
{
	uint64_t table = read_entry(directory_entry(root, linear));
	uint32_t index = linear >> 12 & (format->entries - 1);

	if (!(table & PTE_PRESENT))
		return NULL;
	return (void *)(((uint32_t)table & ~PTE_FLAGS)
			+ index * format->entry_size);
}

void paging_map_in(uint32_t root, uint32_t linear, uint32_t frame,
		   uint32_t flags)
{
	void *address = paging_entry_address(root, linear);
	uint64_t before;

	if (!address) {
		uint32_t table = memory_allocate_page();

		write_entry(directory_entry(root, linear), table | TABLE_FLAGS);
		address = paging_entry_address(root, linear);
	}
	before = read_entry(address);
	write_entry(address, frame | flags);
	if (before & PTE_PRESENT)
		vmi_inval_page(linear);
}

void paging_map(uint32_t linear, uint32_t frame, uint32_t flags)
{
	paging_map_in(paging_kernel_root(), linear, frame, flags);
}

void paging_unmap(uint32_t linear)
{
	paging_set_entry(linear, 0);
	vmi_inval_page(linear);
}

uint64_t paging_entry(uint32_t linear)
{
	void *address = paging_entry_address(paging_kernel_root(), linear);

	return address ? read_entry(address) : 0;
}

void paging_set_entry(uint32_t linear, uint64_t entry)
{
	void *address = paging_entry_address(paging_kernel_root(), linear);

	if (!address)
		platform_fail("a page-table entry is set that has no table");
	write_entry(address, entry);
}

uint32_t paging_kernel_root(void)
{
	return mode == BOOT_PAGING_PAE ? (uint32_t)&kernel_pointers
				       : (uint32_t)kernel_directories[0];
}

uint32_t paging_new_root(void)
{
	uint32_t root = memory_allocate_page();
	uint64_t *pointers = (uint64_t *)root;
	unsigned int i;

	if (mode == BOOT_PAGING_32) {
		memcpy((void *)root, kernel_directories[0], PAGE_SIZE);
		return root;
	}
	for (i = 0; i < PAE_DIRECTORIES; i++) {
		uint32_t directory = memory_allocate_page();

		memcpy((void *)directory, kernel_directories[i], PAGE_SIZE);
		pointers[i] = directory | PTE_PRESENT;
	}
	return root;
}

static void fill_tables(void)
{
	uint32_t linear, flags;
	unsigned int i;

	for (i = 0; i < PAE_DIRECTORIES; i++)
		kernel_pointers.entries[i] = (uint32_t)kernel_directories[i]
					     | PTE_PRESENT;
	for (i = 0; i < MEMORY_MAPPED >> format->table_shift; i++) {
		linear = (uint32_t)i << format->table_shift;
		write_entry(directory_entry(paging_kernel_root(), linear),
			    (uint32_t)kernel_tables[i] | TABLE_FLAGS);
		if (high_alias)
			write_entry(directory_entry(paging_kernel_root(),
						    HIGH_ALIAS + linear),
				    (uint32_t)kernel_tables[i] | TABLE_FLAGS);
	}
	for (linear = PAGE_SIZE; linear < MEMORY_MAPPED; linear += PAGE_SIZE) {
		flags = PTE_PRESENT | PTE_WRITE;
		if (linear >= (uint32_t)user_start
		    && linear < (uint32_t)user_end)
			flags |= PTE_USER;
		write_entry(paging_entry_address(paging_kernel_root(), linear),
			    linear | flags);
	}
}

void paging_init(const struct boot_config *config)
{
	mode = config->paging;
	high_alias = config->high_alias;
	if (mode == BOOT_PAGING_OFF)
		return;
	if (mode == BOOT_PAGING_PAE && !(cpu_features() & CPUID_1_EDX_PAE))
		platform_fail("this kernel wants PAE, the processor has none");
	format = &formats[mode];
	fill_tables();
	if (mode == BOOT_PAGING_PAE)
		vmi_set_cr4(vmi_get_cr4() | CR4_PAE);
	vmi_set_cr3(paging_kernel_root());
	vmi_set_cr0(vmi_get_cr0() | CR0_PG | CR0_WP);
}
