/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: paging and PAE are turned on, and CR0.WP, CR4.PSE and PGE changed, over tables that are in use, announced or not.
 * Environments: native segment paged bochs-native bochs-paged paged-checked
 * Variants: paging=off paging=32 announce
 *
 * The same frame serves as page table of the one format and of the other, and at
 * last as page table and directory at once.  Not on Bochs in segment mode: at a #GP
 * the monitor looks into the guest's GDT there, and with that sets accessed in an
 * entry that is about to be a PDPTE, which may not have it.
 */
#include "runtime.h"

#include "vmi.h"

#define AREA		0x50000000u	/* GiB 1 */
#define UPPER		0x80000000u	/* GiB 2: with PAE, where the table is a directory */
#define CODE		0x02000000u	/* the code that turns PAE on */
#define ENTRY_CODE	(CODE >> 22)
#define FLAGS		(PTE_PRESENT | PTE_WRITE)

static uint32_t root, table, first, second;

/* mov %eax, %cr3; mov %edx, %cr4; ret */
static const uint8_t turn_on[] = { 0x0f, 0x22, 0xd8, 0x0f, 0x22, 0xe2, 0xc3 };

static void announce(uint32_t page)
{
	if (boot_has_word("announce"))
		vmi_register_page_usage(page / PAGE_SIZE, VMI_PAGE_PT);
}

static uint32_t word_at(uint32_t linear)
{
	uint32_t word;

	return try_read((const void *)linear, &word) ? word : 0xffffffff;
}

static uint32_t *entry(void)
{
	return (uint32_t *)table;
}

/* The kernel's memory, 32-bit, by pages of 4 KiB. */
static void map_identity(void)
{
	uint32_t linear, page = 0;

	root = memory_allocate_page();
	for (linear = 0; linear < MEMORY_MAPPED; linear += PAGE_SIZE) {
		if (!(linear & 0x3fffff)) {
			page = memory_allocate_page();
			announce(page);
			((uint32_t *)root)[linear >> 22] = page | FLAGS | PTE_USER;
		}
		((uint32_t *)page)[linear >> 12 & 1023] = linear | FLAGS | PTE_USER;
	}
	table = memory_allocate_page();
	((uint32_t *)root)[AREA >> 22] = table | FLAGS;
	announce(root);
	announce(table);
}

static void set(uint32_t value)
{
	if (vmi_get_cr4() & CR4_PAE)
		vmi_set_pte_long(value, (vmi_pte_long *)table);
	else
		vmi_set_pte(value, entry());
	vmi_inval_page(AREA);
}

/* Accessed and dirty come when they should, and changes count. */
static bool works(void)
{
	bool right;

	set(first | FLAGS);
	right = word_at(AREA) == 1 && (*entry() & (PTE_ACCESSED | PTE_DIRTY)) == PTE_ACCESSED;
	right = right && try_write((void *)AREA, 1) && (*entry() & PTE_DIRTY);
	set(second | FLAGS);
	right = right && word_at(AREA) == 2 && !(*entry() & PTE_DIRTY);
	set(0);
	right = right && word_at(AREA) == 0xffffffff;
	set(second | FLAGS);
	return right && word_at(AREA) == 2;
}

static void test_bits(void)
{
	static const uint32_t bits[] = { CR4_PSE, CR4_PGE, CR4_PSE | CR4_PGE };
	unsigned int i;

	for (i = 0; i < 2 * sizeof(bits) / sizeof(bits[0]); i++) {
		vmi_set_cr4(vmi_get_cr4() ^ bits[i / 2]);
		report(word_at(AREA) == 2 && works(), "CR4 is %x", vmi_get_cr4());
	}
	set(first | PTE_PRESENT);
	report(!try_write((void *)AREA, 1), "with CR0.WP a read-only page");
	vmi_set_cr0(vmi_get_cr0() & ~CR0_WP);
	report(try_write((void *)AREA, 1) && (*entry() & PTE_DIRTY), "is written without");
	vmi_set_cr0(vmi_get_cr0() | CR0_WP);
	report(!try_write((void *)AREA, 1) && works(), "and not when it is set again");
}

/*
 * The low 32 bytes of another root are PDPTEs, which no walk of the 32-bit tables
 * has used; CODE is mapped by both.
 */
static void turn_on_pae(void)
{
	uint32_t both = memory_allocate_page(), low = memory_allocate_page();
	uint32_t upper = memory_allocate_page(), code = memory_allocate_page();
	uint32_t cr4 = vmi_get_cr4() | CR4_PAE, i;

	memcpy((void *)CODE, turn_on, sizeof(turn_on));
	*(uint32_t *)code = CODE | FLAGS;
	((uint32_t *)both)[ENTRY_CODE] = code | FLAGS;
	for (i = 0; i < MEMORY_MAPPED >> 21; i++)
		((uint64_t *)low)[i] = i << 21 | FLAGS | PTE_USER | PTE_LARGE;
	((uint64_t *)upper)[AREA >> 21 & 511] = table | FLAGS;
	((uint64_t *)both)[0] = low | PTE_PRESENT;
	((uint64_t *)both)[AREA >> 30] = upper | PTE_PRESENT;
	((uint64_t *)both)[UPPER >> 30] = table | PTE_PRESENT;
	announce(both);
	announce(low);
	announce(upper);
	__asm__ volatile("call *%1" : : "a" (both), "r" (CODE), "d" (cr4) : "memory", "cc");
	root = both;
}

/*
 * The table's first entry is a directory's, too: then the page that it maps is a
 * page table, written to where it is mapped.
 */
static void test_both(void)
{
	vmi_pte_long *through = (vmi_pte_long *)AREA;

	announce(second);
	set(second | FLAGS);
	vmi_set_pte_long(first | FLAGS, through);
	vmi_flush_tlb(VMI_FLUSH_TLB);
	report_equal(word_at(UPPER), 1, "a page table that is a directory as well");
	report((*entry() & PTE_ACCESSED) && (*(uint32_t *)second & PTE_ACCESSED)
	       && !(*(uint32_t *)second & PTE_DIRTY), "accessed in both");
	vmi_set_pte_long(table | FLAGS, through);
	vmi_inval_page(UPPER);
	report_equal(word_at(UPPER) & -PAGE_SIZE, second, "a page table that maps the directory");
	vmi_set_pte_long(0, (vmi_pte_long *)table);
	vmi_flush_tlb(VMI_FLUSH_TLB);
	report(word_at(UPPER) == 0xffffffff && word_at(AREA) == 0xffffffff, "both at once are gone");
}

int main(void)
{
	first = memory_allocate_page();
	second = memory_allocate_page();
	*(uint32_t *)first = 1;
	*(uint32_t *)second = 2;
	map_identity();
	vmi_set_cr3(root);
	vmi_set_cr0(vmi_get_cr0() | CR0_PG | CR0_WP);
	report(works(), "32-bit paging");
	test_bits();
	*(uint64_t *)table = first | FLAGS;
	turn_on_pae();
	report_equal(vmi_get_cr4() & CR4_PAE, CR4_PAE, "PAE is on");
	vmi_set_cr3(root);
	report(word_at(AREA) == 1 && works(), "the same table in the other format");
	test_bits();
	test_both();
	return 0;
}
