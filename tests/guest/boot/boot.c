/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: the platform comes up: rings, selectors, tables, control registers and interrupt flag are what the kernel set.
 * Environments: native segment paged bochs bochs-paged
 * Variants: paging=32 paging=pae paging=off
 */
#include "runtime.h"

#include "vmi.h"

#define STATIC_VALUE	0x600df00du

/* The two mappings of low memory share their page tables. */
const struct boot_config boot_config = {
	.paging = BOOT_PAGING_32,
	.high_alias = true,
};

static uint32_t initialised = STATIC_VALUE;
static uint32_t cleared[64];

static uint16_t read_ds(void)
{
	uint16_t selector;

	__asm__ volatile("movw %%ds, %0" : "=r" (selector));
	return selector;
}

static uint16_t read_es(void)
{
	uint16_t selector;

	__asm__ volatile("movw %%es, %0" : "=r" (selector));
	return selector;
}

static void test_segments(void)
{
	unsigned int ring = platform_is_vmi() ? 1 : 0;

	report_equal(cpu_ring(), ring, "the kernel's ring");
	report_equal(read_cs(), SELECTOR_KERNEL_CODE | ring, "CS");
	report_equal(read_ss(), SELECTOR_KERNEL_DATA | ring, "SS");
	report_equal(read_ds() & ~3u, SELECTOR_KERNEL_DATA, "DS");
	report_equal(read_es() & ~3u, SELECTOR_KERNEL_DATA, "ES");
}

static void test_tables(void)
{
	struct vmi_dtr dtr;

	vmi_get_gdt(&dtr);
	report_equal(dtr.base, (uint32_t)tables_gdt(), "GDT base");
	report_equal(dtr.limit, GDT_ENTRIES * 8 - 1, "GDT limit");
	vmi_get_idt(&dtr);
	report_equal(dtr.base, (uint32_t)tables_idt(), "IDT base");
	report_equal(dtr.limit, IDT_ENTRIES * 8 - 1, "IDT limit");
	report_equal(vmi_get_tr(), SELECTOR_TSS, "task register");
	report_equal(vmi_get_ldt(), 0, "LDT register");
}

static void test_control_registers(void)
{
	uint32_t cr0 = vmi_get_cr0();
	bool paging = paging_mode() != BOOT_PAGING_OFF;

	report(cr0 & 1, "CR0.PE is set");
	report_equal((cr0 & CR0_PG) != 0, paging, "CR0.PG");
	report_equal((cr0 & CR0_WP) != 0, paging, "CR0.WP");
	if (paging)
		report_equal(vmi_get_cr3(), paging_kernel_root(), "CR3");
	report_equal((vmi_get_cr4() & CR4_PAE) != 0,
		     paging_mode() == BOOT_PAGING_PAE, "CR4.PAE");
	vmi_set_cr2(0x12345678);
	report_equal(vmi_get_cr2(), 0x12345678, "CR2 keeps what is written");
}

static void test_interrupt_flag(void)
{
	report_equal(vmi_get_interrupt_mask(), 0, "interrupts start disabled");
	vmi_enable_interrupts();
	report_equal(vmi_get_interrupt_mask(), EFLAGS_IF, "enabled");
	vmi_disable_interrupts();
	report_equal(vmi_get_interrupt_mask(), 0, "disabled");
	vmi_set_interrupt_mask(EFLAGS_IF);
	report_equal(vmi_get_interrupt_mask(), EFLAGS_IF, "mask 200h");
	vmi_set_interrupt_mask(~EFLAGS_IF);
	report_equal(vmi_get_interrupt_mask(), 0, "all bits but 200h");
}

static void test_memory(void)
{
	uint32_t frame = memory_allocate_page();
	uint32_t sum = 0, value;
	unsigned int i;

	for (i = 0; i < sizeof(cleared) / sizeof(cleared[0]); i++)
		sum |= cleared[i];
	report(sum == 0 && initialised == STATIC_VALUE,
	       "data and BSS are as linked");
	report(boot_upper_bytes() >= 2 << 20, "the loader counts %u KiB",
	       boot_upper_bytes() / 1024);
	report(try_write((void *)frame, 0x5a5a5a5a)
	       && try_read((void *)frame, &value) && value == 0x5a5a5a5a,
	       "a page frame keeps what is written");
	memory_free_page(frame);
	if (paging_mode() == BOOT_PAGING_OFF)
		return;
	report(!try_read((void *)16, &value), "page 0 is not there");
	report(!try_write((void *)0x80000000, 0), "nor is 80000000h");
}

static void test_alias(void)
{
	volatile uint32_t *low = &initialised;
	volatile uint32_t *high = (volatile uint32_t *)
				  ((uint32_t)&initialised + HIGH_ALIAS);

	if (paging_mode() == BOOT_PAGING_OFF)
		return;
	*low = 1;
	report_equal(*high, 1, "memory appears at the high alias");
	*high = 2;
	report_equal(*low, 2, "and is written through it");
}

int main(void)
{
	test_segments();
	test_tables();
	test_control_registers();
	test_interrupt_flag();
	test_memory();
	test_alias();
	return 0;
}
