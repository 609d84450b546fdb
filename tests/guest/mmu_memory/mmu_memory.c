/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: memory beyond 4 GiB, by small and large pages and as page tables; the VGA's memory and a PCI BAR.
 * Environments: native segment paged paged-checked
 * Variants: paging=pae
 * Qemu: -m 4608 -cpu qemu32,+pse36
 */
#include "runtime.h"

#include "pci.h"
#include "vmi.h"

#define AREA		0x50000000u
#define LARGE		0x200000u
#define HIGH		0x100000000ull	/* RAM goes on there */
#define VGA_TEXT	0x000b8000u
#define FLAGS		(PTE_PRESENT | PTE_WRITE)
#define CLASS_VGA	0x0300u

static vmi_pte_long *directory, *table;

static void map(unsigned int page, uint64_t physical, uint32_t flags)
{
	vmi_set_pte_long(physical | flags, &table[page]);
	vmi_inval_page(AREA + page * PAGE_SIZE);
}

static volatile uint32_t *word(unsigned int page)
{
	return (volatile uint32_t *)(AREA + page * PAGE_SIZE);
}

/* A frame that the processor has no address lines for: a reserved bit. */
static void test_width(void)
{
	uint32_t value;

	map(0, 1ull << 45, FLAGS);
	report(!try_read((const void *)word(0), &value), "a frame that cannot be addressed");
}

static void test_small(void)
{
	uint32_t low = memory_allocate_page();

	map(0, HIGH + low, FLAGS);
	map(1, HIGH + low + PAGE_SIZE, FLAGS);
	*(volatile uint32_t *)low = 1;
	*word(0) = 2;
	*word(1) = 3;
	report(*(volatile uint32_t *)low == 1 && *word(0) == 2 && *word(1) == 3,
	       "a frame beyond 4 GiB is not the one 4 GiB below");
	map(1, HIGH + low, FLAGS);
	report_equal(*word(1), 2, "it is mapped twice");
}

static void test_large(void)
{
	volatile uint32_t *large = (volatile uint32_t *)(AREA + LARGE);

	map(0, HIGH + 3 * LARGE + 5 * PAGE_SIZE, FLAGS);
	*word(0) = 4;
	vmi_set_pte_long((HIGH + 3 * LARGE) | FLAGS | PTE_LARGE, &directory[AREA / LARGE % 512 + 1]);
	report_equal(large[5 * PAGE_SIZE / 4], 4, "a large page beyond 4 GiB");
	large[5 * PAGE_SIZE / 4] = 5;
	report_equal(*word(0), 5, "and written");
	vmi_set_pte_long(0, &directory[AREA / LARGE % 512 + 1]);
	vmi_inval_page((uint32_t)large);
}

/* The page table itself lies up there, announced or not. */
static void test_table(bool announced)
{
	volatile uint32_t *through = (volatile uint32_t *)(AREA + LARGE);
	uint64_t high = HIGH + 0x00800000;
	uint32_t frames[2] = { memory_allocate_page(), memory_allocate_page() };
	vmi_pte_long *entry = (vmi_pte_long *)word(2);
	unsigned int i;

	*(uint32_t *)frames[0] = 10;
	*(uint32_t *)frames[1] = 11;
	map(2, high, FLAGS);
	for (i = 0; i < 512; i++)
		entry[i] = 0;
	if (announced)
		vmi_register_page_usage((uint32_t)(high >> 12), VMI_PAGE_PT);
	vmi_set_pte_long(frames[0] | FLAGS, &entry[0]);
	vmi_set_pte_long(high | FLAGS | PTE_USER, &directory[AREA / LARGE % 512 + 1]);
	report_equal(*through, 10, "a page table beyond 4 GiB%s", announced ? ", announced" : "");
	vmi_set_pte_long(frames[1] | FLAGS, &entry[0]);
	vmi_inval_page((uint32_t)through);
	report(*through == 11 && entry[0] & PTE_ACCESSED, "is followed and gets its bits");
	vmi_set_pte_long(0, &directory[AREA / LARGE % 512 + 1]);
	vmi_flush_tlb(VMI_FLUSH_TLB);
	report(!try_read((const void *)through, &frames[0]), "and taken away");
	vmi_release_page((uint32_t)(high >> 12), VMI_PAGE_PT);
}

/* Base address register 0 of the first VGA. */
static uint32_t find_frame_buffer(void)
{
	uint32_t device;

	for (device = 0; device < PCI_DEVICES; device++) {
		if (pci_read(PCI_DEVICE(device) + 8) >> 16 == CLASS_VGA)
			return pci_read(PCI_DEVICE(device) + 0x10) & ~0xfu;
	}
	return 0;
}

static void test_devices(void)
{
	uint32_t buffer = find_frame_buffer();

	map(0, VGA_TEXT, FLAGS);
	*word(0) = 0x07560749;
	report_equal(*word(0), 0x07560749, "the VGA's text memory");
	report_equal(*(volatile uint32_t *)VGA_TEXT, 0x07560749, "at its own address too");
	if (!buffer) {
		report_skip("no VGA on the PCI bus");
		return;
	}
	map(1, buffer + 16 * PAGE_SIZE, FLAGS | 0x10);	/* cache disabled */
	*word(1) = 0x12345678;
	map(0, buffer + 16 * PAGE_SIZE, FLAGS | 0x18);
	report_equal(*word(0), 0x12345678, "a PCI frame buffer, through two mappings");
}

int main(void)
{
	uint64_t *pointers = (uint64_t *)paging_kernel_root();

	paging_map(AREA, memory_allocate_page(), FLAGS);
	directory = (vmi_pte_long *)((uint32_t)pointers[AREA >> 30] & -PAGE_SIZE);
	table = (vmi_pte_long *)paging_entry_address(paging_kernel_root(), AREA);
	test_width();
	test_small();
	test_large();
	/* The processor of qemu-system-i386 cuts the address of a table to 32 bits. */
	if (platform_is_vmi()) {
		test_table(false);
		test_table(true);
	}
	test_devices();
	return 0;
}
