/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Error codes, above all of reserved bits (SDM volume 3, 4.7): these count
 * before rights, and only where all levels above are present.
 */
#include "mmu_strict.h"

#define ALL		(PTE_PRESENT | PTE_WRITE | PTE_USER)
#define P		PAGE_ERROR_PRESENT
#define W		PAGE_ERROR_WRITE
#define U		PAGE_ERROR_USER
#define R		(P | ERROR_RESERVED)

static uint32_t directory, table, frame;
static unsigned int pde;

static void store(uint32_t at, unsigned int index, uint64_t entry)
{
	if (pae)
		vmi_set_pte_long(entry, (vmi_pte_long *)at + index);
	else
		vmi_set_pte((vmi_pte)entry, (vmi_pte *)at + index);
}

/* The path to AREA: both entries' bits but for the frames. */
static void path(uint64_t directory_bits, uint64_t table_bits)
{
	store(directory, pde, table | directory_bits);
	store(table, 0, frame | table_bits);
	vmi_inval_page(AREA);
}

static void check(enum access kind, uint32_t want, const char *what)
{
	report_equal(error_of(kind, AREA), want, "%s", what);
}

static void test_rights(void)
{
	path(ALL, ALL);
	check(USER_WRITE, NO_ERROR, "all rights");
	path(ALL & ~PTE_WRITE, ALL);
	check(USER_WRITE, P | W | U, "the directory forbids ring 3 to write");
	check(KERNEL_WRITE, P | W, "and ring 0");
	path(ALL, ALL & ~PTE_USER);
	check(USER_READ, P | U, "the table forbids ring 3");
	check(KERNEL_WRITE, NO_ERROR, "but not ring 0");
	path(0, ALL);
	check(USER_WRITE, W | U, "no table");
	path(ALL, 0);
	check(USER_FETCH, U | (pae && has_nx() ? ERROR_FETCH : 0), "no page, for a fetch");
}

static void test_reserved_bit(unsigned int bit)
{
	uint64_t bits = 1ull << bit;

	path(ALL, ALL | bits);
	report_equal(error_of(KERNEL_READ, AREA), R, "bit %u in a table", bit);
	report_equal(error_of(USER_WRITE, AREA), R | W | U, "ring 3 writes");
	path(ALL & ~(PTE_WRITE | PTE_USER), ALL | bits);
	report_equal(error_of(USER_WRITE, AREA), R | W | U, "reserved bits count before rights");
	path(ALL | bits, 0);
	report_equal(error_of(USER_READ, AREA), R | U, "and in a directory before what is below");
	path(bits, ALL);
	report_equal(error_of(KERNEL_READ, AREA), 0, "not where there is no table");
	path(ALL, bits);
	report_equal(error_of(KERNEL_WRITE, AREA), W, "nor where there is no page");
}

/* What is reserved below the frame of a large page. */
static void test_large(void)
{
	unsigned int bit, first = 13, last = pae ? 20 : 21;

	/* PSE-36 uses those up to 20, if it is shown. */
	if (!pae)
		first = 21;
	for (bit = first; bit <= last; bit++) {
		store(directory, pde, 1u << bit | ALL | PTE_LARGE);
		vmi_flush_tlb(VMI_FLUSH_TLB);
		report_equal(error_of(USER_READ, AREA), R | U, "bit %u of a large page", bit);
	}
	store(directory, pde, 0x1000 | ALL | PTE_LARGE);
	vmi_flush_tlb(VMI_FLUSH_TLB);
	report_equal(error_of(USER_READ, AREA), NO_ERROR, "bit 12 is not reserved");
}

/* Without CR4.PSE the bit means nothing in 32-bit tables. */
static void test_without_pse(void)
{
	vmi_set_cr4(vmi_get_cr4() & ~CR4_PSE);
	path(ALL | PTE_LARGE, ALL);
	check(USER_READ, NO_ERROR, "PS without PSE");
	path(ALL | PTE_LARGE, ALL & ~PTE_USER);
	check(USER_READ, P | U, "is no large page");
}

static void test_execute(void)
{
	if (!has_nx())
		return;
	set_nxe(false);
	test_reserved_bit(63);
	set_nxe(true);
	path(ALL, ALL | PTE_NX);
	check(USER_FETCH, P | U | ERROR_FETCH, "a fetch from a page with NX");
	check(USER_WRITE, NO_ERROR, "which may be written");
	path(ALL | PTE_NX, ALL);
	check(USER_FETCH, P | U | ERROR_FETCH, "NX in the directory");
	path(ALL, (ALL & ~PTE_USER) | PTE_NX);
	check(USER_FETCH, P | U | ERROR_FETCH, "both reasons");
	path(ALL, 1ull << 52 | ALL | PTE_NX);
	check(USER_FETCH, R | U | ERROR_FETCH, "and a reserved bit");
	set_nxe(false);
	path(ALL, ALL & ~PTE_USER);
	check(USER_FETCH, P | U, "a fetch is not told of without NXE");
	set_nxe(true);
}

void test_errors(void)
{
	static const unsigned int bits[] = { 51, 52, 57, 62 };
	uint32_t root = paging_kernel_root();
	unsigned int i;

	frame = memory_allocate_page();
	*(uint16_t *)frame = 0xcd | TRAP_USER_EXIT << 8;	/* INT, for fetches */
	paging_map(AREA, frame, ALL);
	table = (uint32_t)paging_entry_address(root, AREA) & -PAGE_SIZE;
	directory = pae ? (uint32_t)((uint64_t *)root)[AREA >> 30] & -PAGE_SIZE : root;
	pde = pae ? AREA >> 21 & 511 : AREA >> 22;
	vmi_set_cr4(vmi_get_cr4() | CR4_PSE);
	if (has_nx())
		set_nxe(true);
	test_rights();
	for (i = 0; pae && i < sizeof(bits) / sizeof(bits[0]); i++)
		test_reserved_bit(bits[i]);
	test_large();
	if (pae)
		test_execute();
	else
		test_without_pse();
	path(ALL, ALL);
	paging_unmap(AREA);
}
