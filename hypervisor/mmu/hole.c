// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hole's page tables.  The first 2 MiB (guest part, gate, per-CPU pages)
 * has a table of 4 KiB pages for the monitor and, in paged mode, one for the
 * guest's address spaces which leaves out or write-protects what ring 1 could
 * misuse.  What lies above is the monitor's: the block, the windows, the local
 * APIC.  Built in POST, without paging, and never changed but for windows.
 */
#include "mmu/mmu.h"

#define PTE_RO		(PTE_RW & ~PTE_W)

#define PT_INDEX(linear)	((linear) / PAGE_SIZE % ENTRIES)
#define PD_INDEX(linear)	((linear) / LARGE % ENTRIES)

CONST_AFTER_START static uint64_t *block_pt[BLOCK_MAX / LARGE];
CONST_AFTER_START static uint64_t *apic_pt;

/* Map @count pages of @v's at @linear; the guest's address spaces see them as @guest. */
static void map(struct vcpu *v, uint32_t linear, uint32_t physical, unsigned count, uint32_t monitor, uint32_t guest)
{
	unsigned i = PT_INDEX(linear);

	for (; count; count--, i++, physical += PAGE_SIZE) {
		v->monitor_pt[i] = physical | monitor;
		v->guest_pt[i] = guest ? physical | guest : 0;
	}
}

static void map_block(void)
{
	uint32_t offset;

	for (offset = 0; offset < boot.block_size; offset += PAGE_SIZE) {
		uint64_t **pt = &block_pt[offset / LARGE];

		if (!*pt)
			*pt = pool_page();
		(*pt)[PT_INDEX(offset)] = (boot.block + offset) | PTE_RW;
	}
}

void hole_build(struct vcpu *v)
{
	unsigned i;

	v->monitor_pt = pool_page();
	v->guest_pt = pool_page();
	map_block();
	for (i = 0; i < WINDOW_COUNT / ENTRIES; i++)
		v->window_pt[i] = pool_page();
	apic_pt = pool_page();
	apic_pt[PT_INDEX(HOLE_APIC)] = LOCAL_APIC_BASE | PTE_RW | PTE_PCD;
	apic_pt[PT_INDEX(HOLE_IOAPIC)] = IO_APIC_BASE | PTE_RW | PTE_PCD;
	map(v, HOLE_GATE, block_physical(pool_pages(HOLE_GATE_PAGES)), HOLE_GATE_PAGES, PTE_RO, PTE_RO);
}

/*
 * One CPU's own pages.  The shadow tables are read-only to the guest's address
 * spaces: accessed bits are preset, and LTR is done in the monitor's.
 */
void hole_map_cpu(struct vcpu *v, uint32_t state, uint32_t info)
{
	map(v, HOLE_STATE, state, 1, PTE_RW, PTE_RW);
	map(v, HOLE_GATE_INFO, info, 1, PTE_RO, PTE_RO);
	map(v, HOLE_QUEUE, block_physical(pool_page()), 1, PTE_RW, PTE_RW);
	map(v, HOLE_GDT, block_physical(pool_pages(TABLE_PAGES)), TABLE_PAGES, PTE_RW, PTE_RO);
	map(v, HOLE_LDT, block_physical(pool_pages(TABLE_PAGES)), TABLE_PAGES, PTE_RW, PTE_RO);
	map(v, HOLE_IDT, block_physical(pool_page()), 1, PTE_RW, PTE_RO);
	map(v, HOLE_TSS, block_physical(pool_pages(HOLE_TSS_PAGES)), HOLE_TSS_PAGES, PTE_RW, PTE_RO);
	map(v, HOLE_STACK, block_physical(pool_pages(HOLE_STACK_PAGES)), HOLE_STACK_PAGES, PTE_RW, PTE_RW);
	map(v, HOLE_CPU, block_physical(v), HOLE_CPU_PAGES, PTE_RW, 0);
}

void hole_map_rom(struct vcpu *v, uint32_t physical)
{
	map(v, HOLE_ROM, physical, ROM_MAX / PAGE_SIZE, PTE_RO, PTE_RO);
}

/* The physical page that the monitor maps at @linear, in the first 2 MiB. */
uint32_t hole_physical(const struct vcpu *v, uint32_t linear)
{
	return (uint32_t)v->monitor_pt[PT_INDEX(linear)] & PAGE_MASK;
}

/*
 * The hole's part of a page directory for the fourth GiB: the monitor's, and
 * the guest's where that is another.
 */
void hole_fill_pd3(const struct vcpu *v, uint64_t *guest, uint64_t *monitor)
{
	unsigned i;

	if (guest)
		guest[PD_INDEX(HOLE_BASE)] = block_physical(v->guest_pt) | PTE_RW;
	monitor[PD_INDEX(HOLE_BASE)] = block_physical(v->monitor_pt) | PTE_RW;
	for (i = 0; i < BLOCK_MAX / LARGE && block_pt[i]; i++)
		monitor[PD_INDEX(HOLE_BLOCK) + i] = block_physical(block_pt[i]) | PTE_RW;
	for (i = 0; i < WINDOW_COUNT / ENTRIES; i++)
		monitor[PD_INDEX(HOLE_WINDOWS) + i] = block_physical(v->window_pt[i]) | PTE_RW;
	monitor[PD_INDEX(HOLE_APIC)] = block_physical(apic_pt) | PTE_RW;
}
