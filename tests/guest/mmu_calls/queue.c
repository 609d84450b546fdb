/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Deferral: what waits, what flushes, and how often the monitor is entered.
 */
#include "mmu_calls.h"

#define FLAGS	(PTE_PRESENT | PTE_WRITE)
#define PAGES	512

static uint32_t table, frame, root;

static uint32_t entries(void)
{
	return statistic("call");
}

/* statistic() itself makes entries: those between two of it in a row. */
static uint32_t overhead(void)
{
	uint32_t before = entries();

	return entries() - before;
}

static void map_all(void)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		set_entry(entry_at(table, i), frame | FLAGS);
	for (i = 0; i < PAGES; i++)
		*(volatile uint32_t *)(AREA + i * PAGE_SIZE) = i;
}

/* As a fork does: all pages become read-only. */
static void protect_all(void)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		set_entry(entry_at(table, i), frame | PTE_PRESENT);
	vmi_flush_tlb(VMI_FLUSH_TLB);
}

static uint32_t count_writable(void)
{
	uint32_t writable = 0;
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		writable += try_write((void *)(AREA + i * PAGE_SIZE), i);
	return writable;
}

static void test_fork(void)
{
	uint32_t before, extra = overhead();

	map_all();
	vmi_set_deferred_mode(VMI_DEFER_MMU);
	before = entries();
	protect_all();
	before = entries() - before - extra;
	vmi_set_deferred_mode(0);
	report_equal(count_writable(), 0, "%u entries are changed and flushed", PAGES);
	if (platform_is_vmi())
		report_equal(before, 1, "by one entry into the monitor");
	map_all();
	before = entries();
	set_entry(entry_at(table, PAGES + 1 - 2), 0);
	set_entry(entry_at(table, 0), 0);
	vmi_flush_tlb(VMI_FLUSH_TLB);
	set_entry(entry_at(table, 0), frame | FLAGS);
	set_entry(entry_at(table, PAGES - 1), frame | FLAGS);
	if (platform_is_vmi())
		report_equal(entries() - before - extra, 1,
			     "an entry that was not present needs none");
}

/* More than the queue holds. */
static void test_overflow(void)
{
	unsigned int round;

	map_all();
	vmi_set_deferred_mode(VMI_DEFER_MMU);
	for (round = 0; round < 4; round++) {
		map_all();
		protect_all();
		map_all();
	}
	protect_all();
	report_equal(count_writable(), 0, "a queue that overflows loses nothing");
	vmi_set_deferred_mode(0);
}

/* The tables read as they were written, and CR3 as it was loaded. */
static void test_order(void)
{
	uint32_t home = vmi_get_cr3();

	vmi_set_deferred_mode(VMI_DEFER_MMU | VMI_DEFER_CPU | VMI_DEFER_DT);
	set_entry(entry_at(table, 0), 0);
	report_equal(*(uint32_t *)entry_at(table, 0), 0, "a deferred entry reads as written");
	vmi_set_cr3(root);
	report_equal(vmi_get_cr3(), root, "so does CR3");
	report_equal(read_word(AREA, 1), 1, "a page fault flushes");
	vmi_set_cr3(home);
	set_entry(entry_at(table, 0), frame | FLAGS);
	vmi_set_deferred_mode(0);
	report_equal(vmi_get_cr3(), home, "narrowing the mask flushes");
	report(try_write((void *)AREA, 0), "in order");
}

static void test_context_switch(void)
{
	uint64_t *gdt = tables_gdt();
	uint32_t before, extra = overhead(), i;

	before = entries();
	vmi_set_lazy_mode(VMI_LAZY_CPU);
	vmi_set_cr3(root);
	vmi_update_kernel_stack(tables_tss(), trap_stack_top());
	for (i = 0; i < 3; i++)
		vmi_write_gdt_entry(gdt, SELECTOR_SPARE / 8 + i, 0x0000ffff, 0x00cff300);
	vmi_clts();
	vmi_set_lazy_mode(0);
	if (platform_is_vmi())
		report_equal(entries() - before - extra, 1, "a context switch is one entry");
	__asm__ volatile("movl %0, %%fs" : : "r" (SELECTOR_SPARE | 3));
	__asm__ volatile("movl %0, %%fs" : : "r" (0));
	report(true, "its descriptors can be loaded");
	vmi_set_cr3(paging_kernel_root());
}

void test_queue(void)
{
	frame = memory_allocate_page();
	root = paging_new_root();
	paging_map(AREA, frame, FLAGS);
	table = (uint32_t)paging_entry_address(paging_kernel_root(), AREA) & -PAGE_SIZE;
	paging_announce(paging_kernel_root(), AREA);
	test_fork();
	test_overflow();
	test_order();
	test_context_switch();
}
