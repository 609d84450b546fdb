/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: nothing that a guest does keeps the monitor, and so interrupts off, for more than a million instructions.
 * Environments: segment paged
 * Qemu: -icount shift=0,sleep=off -m 512 -cpu qemu32,+nx
 *
 * The time-stamp counter counts instructions here.  docs/architecture.md has the table
 * of what was measured.
 */
#include "runtime.h"

#include "msr.h"
#include "vmi.h"

#include "base/hole.h"

#define LIMIT		1000000u
#define ABSENT		0x90000000u
#define FLAGS		(PTE_PRESENT | PTE_WRITE | PTE_USER)
#define ROOTS		300u
#define FIRST		32u	/* directory entries that are alike in all roots: from 128 MiB */
#define LAST		960u
#define QUEUE_HEAD	6	/* word of the state page: struct vcpu_state */

static uint32_t roots[ROOTS], table, root_count;

static uint32_t now(void)
{
	uint32_t low;

	__asm__ volatile("rdtsc" : "=a"(low) : : "edx", "memory");
	return low;
}

static void measure(const char *what, void (*action)(void))
{
	uint32_t took = now();

	action();
	took = now() - took;
	report(took <= LIMIT, "%s: %u", what, took);
}

/* ---- the queue ---- */

static volatile uint32_t *const queue = (volatile uint32_t *)HOLE_QUEUE;

static void set_queue_size(unsigned int words)
{
	((volatile uint32_t *)HOLE_STATE)[QUEUE_HEAD] = words * 4;
}

/* @records of one call with @argument, and entries in pages that are not there behind. */
static void flush_queue(uint32_t call, uint32_t argument, unsigned int records)
{
	unsigned int i, entries = PAGE_SIZE / 4 - 2 - 2 * records;

	for (i = 0; i < records; i++) {
		queue[2 * i] = call << 2 | QUEUE_RECORD;
		queue[2 * i + 1] = argument;
	}
	for (i = 0; i < entries; i++)
		queue[2 * records + i] = ABSENT + i * PAGE_SIZE;
	set_queue_size(2 * records + entries);
	vmi_flush_deferred_calls();
}

static void queue_cr3(void)
{
	flush_queue(VMI_CALL_SetCR3, vmi_get_cr3(), 255);
}

static void queue_entries(void)
{
	flush_queue(VMI_CALL_SetCR3, vmi_get_cr3(), 0);
}

static void queue_gates(void)
{
	struct vmi_dtr absent = { .limit = 0x7ff, .base = ABSENT }, idtr;

	vmi_get_idt(&idtr);
	vmi_set_idt(&absent);
	flush_queue(VMI_CALL_WriteIDTEntry, ABSENT + 0x80 * 8, 511);
	vmi_set_idt(&idtr);
}

static void queue_descriptors(void)
{
	flush_queue(VMI_CALL_WriteGDTEntry, (uint32_t)tables_gdt() + SELECTOR_SPARE, 511);
}

/* ---- tables ---- */

static void set_ldt(uint32_t base)
{
	tables_set_segment(SELECTOR_SPARE, 0xffff | (uint64_t)(base & 0xffffff) << 16 | 0x82ull << 40 |
			   (uint64_t)(base >> 24) << 56);
	vmi_set_ldt(SELECTOR_SPARE);
}

static void ldt_present(void)
{
	set_ldt(0x400000);
}

static void ldt_absent(void)
{
	set_ldt(ABSENT);
}

static void large_gdt(void)
{
	struct vmi_dtr large = { .limit = GUEST_GDT_LIMIT, .base = (uint32_t)tables_gdt() }, gdtr;

	vmi_get_gdt(&gdtr);
	vmi_set_gdt(&large);
	vmi_set_gdt(&gdtr);
}

/* ---- the pool: full of directories that are full of one table ---- */

static void build_root(unsigned int which)
{
	uint32_t *directory = (uint32_t *)memory_allocate_page(), i;

	memcpy(directory, (void *)paging_kernel_root(), PAGE_SIZE);
	for (i = FIRST; i < LAST; i++)
		directory[i] = table | FLAGS;
	roots[which] = (uint32_t)directory;
	vmi_register_page_usage(roots[which] / PAGE_SIZE, VMI_PAGE_PD);
}

static void fill_space(unsigned int which)
{
	uint32_t linear;

	vmi_set_cr3(roots[which]);
	for (linear = FIRST << 22; linear < LAST << 22; linear += 0x200000)
		(void)*(volatile uint32_t *)linear;
	vmi_set_cr3(paging_kernel_root());
}

static void fill_pool(void)
{
	unsigned int i;

	for (i = 0; i < root_count; i++)
		fill_space(i);
}

static void announce_table(void)
{
	vmi_register_page_usage(table / PAGE_SIZE, VMI_PAGE_PT);
}

static void toggle_wp(void)
{
	vmi_set_cr0(vmi_get_cr0() ^ CR0_WP);
}

static void toggle_nxe(void)
{
	vmi_wrmsr(MSR_EFER, vmi_rdmsr(MSR_EFER) ^ (1u << 11));
}

/* The first access of a space whose directory has to be taken from another. */
static void evict(void)
{
	vmi_set_cr3(roots[root_count - 1]);
	(void)*(volatile uint32_t *)(FIRST << 22);
	vmi_set_cr3(paging_kernel_root());
}

static void flush(void)
{
	vmi_flush_tlb(VMI_FLUSH_TLB);
}

static void test_pool(void)
{
	table = memory_allocate_page();
	announce_table();
	((uint32_t *)table)[0] = memory_allocate_page() | FLAGS;
	((uint32_t *)table)[512] = ((uint32_t *)table)[0];
	for (root_count = 0; root_count < ROOTS && memory_pages_left() > 8; root_count++)
		build_root(root_count);
	fill_pool();
	measure("a table is announced that is linked from everywhere", announce_table);
	fill_pool();
	measure("CR0.WP changes, with the pool full", toggle_wp);
	toggle_wp();
	fill_pool();
	measure("EFER.NXE changes", toggle_nxe);
	toggle_nxe();
	fill_pool();
	measure("a page is evicted", evict);
	measure("a flush", flush);
}

/* ---- time ---- */

static void wall_clock(void)
{
	vmi_get_wallclock_time();
}

static void test_clock(void)
{
	uint32_t i, took, worst = 0;

	for (i = 0; i < 5000; i++) {
		took = now();
		wall_clock();
		took = now() - took;
		worst = took > worst ? took : worst;
	}
	report(worst <= LIMIT, "the wall clock, at any time: %u", worst);
}

int main(void)
{
	vmi_disable_interrupts();
	measure("a queue of 255 loads of CR3 and 512 absent entries", queue_cr3);
	measure("a queue of absent entries", queue_entries);
	measure("a queue of gates, of an IDT that is absent", queue_gates);
	measure("a queue of descriptors", queue_descriptors);
	measure("an LDT of 8192 entries", ldt_present);
	measure("an LDT of 8192 entries that are absent", ldt_absent);
	vmi_set_ldt(0);
	measure("a GDT of 7168 entries, and back", large_gdt);
	test_pool();
	test_clock();
	return 0;
}
