// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page tables of the hole.  Its first 2 MiB (guest part, gate, per-CPU pages)
 * have two page tables: one for the monitor and, for paged mode, one for the guest,
 * which omits or write-protects what ring 1 could misuse.  What lies above is mapped
 * for the monitor only: the reserved block, the windows, the physical APICs.  POST
 * builds all this while paging is off; later only windows change, and hole_seal()
 * makes some pages of the block read-only.
 */
#include "mmu/mmu.h"

#define PTE_RO		(PTE_RW & ~PTE_W)

#define PT_INDEX(linear)	((linear) / PAGE_SIZE % ENTRIES)
#define PD_INDEX(linear)	((linear) / LARGE % ENTRIES)

CONST_AFTER_START static uint64_t *block_pt[BLOCK_MAX / LARGE];
CONST_AFTER_START static uint64_t *apic_pt;

/*
 * Map @count pages at @linear for CPU @v, with the PTE bits @monitor for the monitor
 * and @guest for the guest; @guest 0 is "not present".
 */
static void map_pages(struct vcpu *v, uint32_t linear, uint32_t physical, unsigned count,
		      uint32_t monitor, uint32_t guest)
{
	unsigned i = PT_INDEX(linear);

	for (; count; count--, i++, physical += PAGE_SIZE) {
		v->monitor_pt[i] = physical | monitor;
		v->guest_pt[i] = guest ? physical | guest : 0;
	}
}

/* The whole block, at HOLE_BLOCK: for the monitor only. */
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
	map_pages(v, HOLE_GATE, block_physical(pool_pages(HOLE_GATE_PAGES)), HOLE_GATE_PAGES,
		  PTE_RO, PTE_RO);
}

/*
 * Map the pages that each CPU has for itself.  The descriptor tables and the TSS are
 * read-only in the guest's mapping, even for the processor: it need not write to them
 * there, since accessed bits are preset, and LTR, which sets the busy bit, is executed
 * in the monitor's.
 */
void hole_map_cpu(struct vcpu *v, uint32_t state, uint32_t info)
{
	map_pages(v, HOLE_STATE, state, 1, PTE_RW, PTE_RW);
	map_pages(v, HOLE_GATE_INFO, info, 1, PTE_RO, PTE_RO);
	map_pages(v, HOLE_QUEUE, block_physical(pool_page()), 1, PTE_RW, PTE_RW);
	map_pages(v, HOLE_GDT, block_physical(pool_pages(TABLE_PAGES)), TABLE_PAGES,
		  PTE_RW, PTE_RO);
	map_pages(v, HOLE_LDT, block_physical(pool_pages(TABLE_PAGES)), TABLE_PAGES,
		  PTE_RW, PTE_RO);
	map_pages(v, HOLE_IDT, block_physical(pool_page()), 1, PTE_RW, PTE_RO);
	map_pages(v, HOLE_TSS, block_physical(pool_pages(HOLE_TSS_PAGES)), HOLE_TSS_PAGES,
		  PTE_RW, PTE_RO);
	map_pages(v, HOLE_STACK, block_physical(pool_pages(HOLE_STACK_PAGES)), HOLE_STACK_PAGES,
		  PTE_RW, PTE_RW);
	map_pages(v, HOLE_CPU, block_physical(v), HOLE_CPU_PAGES, PTE_RW, 0);
}

void hole_map_rom(struct vcpu *v, uint32_t physical)
{
	map_pages(v, HOLE_ROM, physical, ROM_MAX / PAGE_SIZE, PTE_RO, PTE_RO);
}

uint32_t hole_physical(const struct vcpu *v, uint32_t linear)
{
	return (uint32_t)v->monitor_pt[PT_INDEX(linear)] & PAGE_MASK;
}

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

void *hole_device(uint32_t frame)
{
	uint64_t *entry = &apic_pt[PT_INDEX(HOLE_DEVICE)], want;

	want = (uint64_t)frame << 12 | PTE_RW | PTE_PCD;
	if (*entry != want) {
		*entry = want;
		invlpg(HOLE_DEVICE);
	}
	return (void *)HOLE_DEVICE;
}

/* linker/monitor.ld */
extern char const_start[], const_end[];

/*
 * The linker puts all variables that are CONST_AFTER_START on pages of their own.  The
 * monitor writes to them through HOLE_BLOCK only, so making that mapping read-only is
 * enough.
 */
void hole_seal(void)
{
	uint32_t at;

	for (at = (uint32_t)const_start; at < (uint32_t)const_end; at += PAGE_SIZE) {
		uint32_t offset = at - HOLE_BLOCK;

		block_pt[offset / LARGE][PT_INDEX(offset)] &= ~(uint64_t)PTE_W;
		invlpg(at);
	}
}
