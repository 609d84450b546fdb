// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hole's page tables.  The first 2 MiB (guest part, gate, per-CPU pages)
 * has a table of 4 KiB pages for the monitor and, in paged mode, one for the
 * guest's address spaces which leaves out or write-protects what ring 1 could
 * misuse.  What lies above is the monitor's: the block, the windows, the local
 * APIC.  Built in POST, without paging, and never changed but for windows.
 */
#include "monitor.h"

#define PTE_P		0x001u
#define PTE_W		0x002u
#define PTE_PCD		0x010u
#define PTE_AD		0x060u		/* accessed, dirty: nothing is to be set later */
#define RO		(PTE_P | PTE_AD)
#define RW		(PTE_P | PTE_AD | PTE_W)
#define ENTRIES		512u
#define LARGE		0x200000u
#define LOCAL_APIC	0xfee00000u
#define IO_APIC		0xfec00000u

#define PT_INDEX(linear)	((linear) / PAGE_SIZE % ENTRIES)
#define PD_INDEX(linear)	((linear) / LARGE % ENTRIES)

static uint64_t *monitor_pt, *guest_pt;		/* of the first 2 MiB */
static uint64_t *block_pt[BLOCK_MAX / LARGE];
static uint64_t *apic_pt;
uint64_t *window_pt[WINDOW_COUNT / ENTRIES];

/* Map @count pages at @linear; the guest's address spaces see them as @guest. */
static void map(uint32_t linear, uint32_t physical, unsigned count, uint32_t monitor, uint32_t guest)
{
	unsigned i = PT_INDEX(linear);

	for (; count; count--, i++, physical += PAGE_SIZE) {
		monitor_pt[i] = physical | monitor;
		guest_pt[i] = guest ? physical | guest : 0;
	}
}

static void map_block(void)
{
	uint32_t offset;

	for (offset = 0; offset < boot.block_size; offset += PAGE_SIZE) {
		uint64_t **pt = &block_pt[offset / LARGE];

		if (!*pt)
			*pt = pool_page();
		(*pt)[PT_INDEX(offset)] = (boot.block + offset) | RW;
	}
}

void hole_build(void)
{
	unsigned i;

	monitor_pt = pool_page();
	guest_pt = pool_page();
	map_block();
	for (i = 0; i < WINDOW_COUNT / ENTRIES; i++)
		window_pt[i] = pool_page();
	apic_pt = pool_page();
	apic_pt[PT_INDEX(HOLE_APIC)] = LOCAL_APIC | RW | PTE_PCD;
	apic_pt[PT_INDEX(HOLE_IOAPIC)] = IO_APIC | RW | PTE_PCD;
	map(HOLE_GATE, block_physical(pool_pages(HOLE_GATE_PAGES)), HOLE_GATE_PAGES, RO, RO);
}

/*
 * One CPU's own pages.  The shadow tables are read-only to the guest's address
 * spaces: accessed bits are preset, and LTR is done in the monitor's.
 */
void hole_map_cpu(struct vcpu *c, uint32_t state, uint32_t info)
{
	map(HOLE_STATE, state, 1, RW, RW);
	map(HOLE_GATE_INFO, info, 1, RO, RO);
	map(HOLE_QUEUE, block_physical(pool_page()), 1, RW, RW);
	map(HOLE_GDT, block_physical(pool_pages(TABLE_PAGES)), TABLE_PAGES, RW, RO);
	map(HOLE_LDT, block_physical(pool_pages(TABLE_PAGES)), TABLE_PAGES, RW, RO);
	map(HOLE_IDT, block_physical(pool_page()), 1, RW, RO);
	map(HOLE_TSS, block_physical(pool_pages(HOLE_TSS_PAGES)), HOLE_TSS_PAGES, RW, RO);
	map(HOLE_STACK, block_physical(pool_pages(HOLE_STACK_PAGES)), HOLE_STACK_PAGES, RW, RW);
	map(HOLE_CPU, block_physical(c), HOLE_CPU_PAGES, RW, 0);
}

void hole_map_rom(uint32_t physical)
{
	map(HOLE_ROM, physical, ROM_MAX / PAGE_SIZE, RO, RO);
}

/* The physical page that the monitor maps at @linear, in the first 2 MiB. */
uint32_t hole_physical(uint32_t linear)
{
	return (uint32_t)monitor_pt[PT_INDEX(linear)] & PAGE_MASK;
}

/*
 * The hole's part of a page directory for the fourth GiB: the monitor's, and
 * the guest's where that is another.
 */
void hole_fill_pd3(uint64_t *guest, uint64_t *monitor)
{
	unsigned i;

	if (guest)
		guest[PD_INDEX(HOLE_BASE)] = block_physical(guest_pt) | RW;
	monitor[PD_INDEX(HOLE_BASE)] = block_physical(monitor_pt) | RW;
	for (i = 0; i < BLOCK_MAX / LARGE && block_pt[i]; i++)
		monitor[PD_INDEX(HOLE_BLOCK) + i] = block_physical(block_pt[i]) | RW;
	for (i = 0; i < WINDOW_COUNT / ENTRIES; i++)
		monitor[PD_INDEX(HOLE_WINDOWS) + i] = block_physical(window_pt[i]) | RW;
	monitor[PD_INDEX(HOLE_APIC)] = block_physical(apic_pt) | RW;
}
