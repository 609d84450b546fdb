/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: page-table operations take no more instructions than docs/mmu.md says.
 * Environments: native segment paged
 * Variants: paging=32 paging=pae
 * Qemu: -icount shift=0,sleep=off
 *
 * The time-stamp counter counts instructions here, so the figures are the same
 * on every run. Limits hold under the monitor, for both formats of tables.
 */
#include "runtime.h"

#include "vmi.h"

#define AREA		0x50000000u
#define ROUNDS		15
#define BATCH		512

struct cost {
	const char *name;
	void (*prepare)(void);
	void (*run)(void);
	unsigned int limit;
	unsigned int per;	/* operations in one run */
};

static uint32_t frame, roots[2], resume_at;
static void *entry;
static bool pae;

static void set_entry(void *at, uint64_t value)
{
	if (pae)
		vmi_set_pte_long(value, at);
	else
		vmi_set_pte((vmi_pte)value, at);
}

static void nothing(void)
{
}

static void unmap(void)
{
	set_entry(entry, 0);
	vmi_inval_page(AREA);
}

static void map_and_touch(void)
{
	set_entry(entry, frame | PTE_PRESENT | PTE_WRITE);
	vmi_inval_page(AREA);
	*(volatile uint32_t *)AREA = 1;
}

static void set_only(void)
{
	set_entry(entry, frame | PTE_PRESENT | PTE_WRITE);
}

static void set_and_flush(void)
{
	set_entry(entry, frame | PTE_PRESENT);
	vmi_inval_page(AREA);
}

static void map(void)
{
	unmap();
	set_entry(entry, frame | PTE_PRESENT | PTE_WRITE);
}

static void touch(void)
{
	*(volatile uint32_t *)AREA = 1;
}

/* The handler maps nothing: it goes on behind the access. */
static bool skip(struct trap_frame *trap)
{
	trap->eip = resume_at;
	resume_at = 0;
	return trap->eip != 0;
}

static void fault(void)
{
	__asm__ volatile("movl $1f, %0\n\t"
			 "movl %1, %%eax\n\t"
			 "1:"
			 : "=m" (resume_at)
			 : "m" (*(volatile uint32_t *)AREA) : "eax", "memory");
}

static void switch_space(void)
{
	vmi_set_cr3(roots[1]);
}

static void switch_back(void)
{
	vmi_set_cr3(roots[0]);
}

static void map_batch(void)
{
	unsigned int i;

	switch_back();
	for (i = 0; i < BATCH; i++)
		set_entry((uint8_t *)entry + i * (pae ? 8 : 4),
			  frame | PTE_PRESENT | PTE_WRITE);
	vmi_flush_tlb(VMI_FLUSH_TLB);
	for (i = 0; i < BATCH; i++)
		*(volatile uint32_t *)(AREA + i * PAGE_SIZE) = i;
	vmi_set_deferred_mode(VMI_DEFER_MMU);
}

static void set_batch(void)
{
	unsigned int i;
	uint8_t *at = entry;

	for (i = 0; i < BATCH; i++, at += pae ? 8 : 4)
		set_entry(at, frame | PTE_PRESENT | PTE_ACCESSED);
	vmi_flush_tlb(VMI_FLUSH_TLB);
}

static void context_prepare(void)
{
	switch_back();
	vmi_set_deferred_mode(0);
}

/* What a kernel does to go over to another process. */
static void context_switch(void)
{
	uint64_t *gdt = tables_gdt();
	uint32_t slot;

	vmi_set_deferred_mode(VMI_DEFER_CPU | VMI_DEFER_DT);
	vmi_set_cr3(roots[1]);
	vmi_update_kernel_stack(tables_tss(), trap_stack_top());
	for (slot = SELECTOR_SPARE / 8; slot < SELECTOR_SPARE / 8 + 3; slot++)
		vmi_write_gdt_entry(gdt, slot, 0x0000ffff, 0x00cff300);
	vmi_clts();
	vmi_set_deferred_mode(0);
}

static const struct cost costs[] = {
	{ "nothing", nothing, nothing, 0, 1 },
	{ "SetPte, not present before", unmap, set_only, 20, 1 },
	{ "SetPte and InvalPage, live", map_and_touch, set_and_flush, 260, 1 },
	{ "hidden fault", map, touch, 200, 1 },
	{ "reflected fault", unmap, fault, 280, 1 },
	{ "SetCR3, live space", switch_back, switch_space, 180, 1 },
	{ "deferred SetPte with its flush", map_batch, set_batch, 60, BATCH },
	{ "context switch", context_prepare, context_switch, 480, 1 },
};

static uint32_t measure_once(const struct cost *cost)
{
	uint32_t start;

	cost->prepare();
	start = (uint32_t)vmi_rdtsc();
	cost->run();
	return (uint32_t)vmi_rdtsc() - start;
}

static uint32_t measure(const struct cost *cost)
{
	uint32_t values[ROUNDS], value;
	unsigned int i, j;

	for (i = 0; i < ROUNDS; i++) {
		value = measure_once(cost);
		for (j = i; j > 0 && values[j - 1] > value; j--)
			values[j] = values[j - 1];
		values[j] = value;
	}
	return values[ROUNDS / 2];
}

static void prepare(void)
{
	unsigned int i;

	pae = paging_mode() == BOOT_PAGING_PAE;
	frame = memory_allocate_page();
	for (i = 0; i < 2; i++) {
		roots[i] = paging_new_root();
		paging_map_in(roots[i], AREA, frame, PTE_PRESENT);
		paging_announce(roots[i], AREA);
		vmi_set_cr3(roots[i]);
	}
	vmi_set_cr3(roots[0]);
	entry = paging_entry_address(roots[0], AREA);
	trap_set_handler(TRAP_PAGE, skip);
}

int main(void)
{
	uint32_t base = 0, cost;
	unsigned int i;

	prepare();
	for (i = 0; i < sizeof(costs) / sizeof(costs[0]); i++) {
		cost = (measure(&costs[i]) - base) / costs[i].per;
		if (!i)
			base = cost;
		print("cost: %-32s %u\n", costs[i].name, cost);
		if (platform_is_vmi() && costs[i].limit)
			report(cost <= costs[i].limit, "%s: at most %u",
			       costs[i].name, costs[i].limit);
	}
	report(true, "all operations were measured");
	vmi_set_cr3(paging_kernel_root());
	return 0;
}
