// SPDX-License-Identifier: GPL-2.0-only
/*
 * The C part of POST (rom/enter.asm calls it): the monitor prepares itself in the
 * reserved block.  There is no paging yet: segments with a suitable base make the
 * addresses work for which the monitor is linked, and physical() reaches all other
 * memory.  All that no guest can influence is built here, once: page S and tables J, by
 * which VMI_Init changes over (vmi/init.asm), the hole, the descriptor tables.
 */
#include "base/version.h"
#include "dev/dev.h"
#include "entry/entry.h"
#include "mmu/mmu.h"
#include "start/init.h"
#include "start/start.h"

#define INT_N		0xcdu
#define ROM_LENGTH	2u		/* the header's byte: docs/abi.md, section 1 */
#define ROM_UNIT	512u

/* What the ROM tells the monitor (rom/layout.asm): offsets in the ROM, and its defaults. */
struct rom_layout {
	uint32_t resident;		/* bytes that stay after POST, from offset 0 on */
	uint32_t packed_start, packed_end;
	uint32_t switch_start;
	uint32_t original_start, original_end;
	char protect[8];
	struct return_path returns[RETURN_PATHS];
	struct region regions[REGIONS];
};

/*
 * The true first bytes of an entry that the ROM redirects to the copy at HOLE_ROM
 * (VMI_CRITICAL in vmi/layer.inc; tools/mkrom fills these in).
 */
struct original {
	uint32_t entry;
	uint8_t bytes[6];
	uint16_t zero;
};

/* linker/monitor.ld */
extern char monitor_end[];

void post_main(uint32_t block, uint32_t size, uint32_t rom, uint32_t layout);

/* Physical address @address, as a pointer in the segments of POST. */
static void *physical(uint32_t address)
{
	return (void *)(address - boot.block + HOLE_BLOCK);
}

/* Offset @offset of the reserved block. */
static void *block(uint32_t offset)
{
	return (void *)(HOLE_BLOCK + offset);
}

/* Page S, and page tables of both formats in which every page is S. */
static void build_switch(const struct rom_layout *rom)
{
	uint32_t s = boot.block + BLOCK_SWITCH;
	uint32_t *pd = block(BLOCK_J_PD), *pt = block(BLOCK_J_PT);
	uint64_t *pdpt = block(BLOCK_PDPT);
	uint64_t *pae_pd = block(BLOCK_J_PAE_PD), *pae_pt = block(BLOCK_J_PAE_PT);
	unsigned i;

	memcpy(block(BLOCK_SWITCH), physical((boot.rom + rom->switch_start) & PAGE_MASK),
	       PAGE_SIZE);
	for (i = 0; i < ENTRIES32; i++) {
		pd[i] = (boot.block + BLOCK_J_PT) | PTE_RW;
		pt[i] = s | PTE_RW;
	}
	for (i = 0; i < ENTRIES; i++) {
		pae_pd[i] = (boot.block + BLOCK_J_PAE_PT) | PTE_RW;
		pae_pt[i] = s | PTE_RW;
	}
	for (i = 0; i < GIBS; i++)
		pdpt[i] = (boot.block + BLOCK_J_PAE_PD) | PTE_P;
}

/*
 * The monitor's first address space: the hole, and page S where linear = physical, in
 * which VMI_Init turns paging on.
 */
static void build_first(void)
{
	uint32_t s = boot.block + BLOCK_SWITCH;
	uint64_t *pdpt = block(BLOCK_FIRST_PDPT);
	uint64_t *pd = pool_page(), *pd3 = pool_page(), *pt = pool_page();
	unsigned i;

	for (i = 0; i < TOP_GIB; i++)
		pdpt[i] = block_physical(pd) | PTE_P;
	pdpt[TOP_GIB] = block_physical(pd3) | PTE_P;
	hole_fill_pd3(boot.vcpu, NULL, pd3);
	pt[s / PAGE_SIZE % ENTRIES] = s | PTE_RW;
	(s >> 30 == TOP_GIB ? pd3 : pd)[s / LARGE % ENTRIES] = block_physical(pt) | PTE_RW;
}

/*
 * The RAM copy of the ROM's resident part, at HOLE_ROM.  Here the critical entries have
 * their true first bytes, where the ROM has jumps to this copy.  The copy's length byte
 * counts the resident part alone, as the ROM's does once POST is over.
 */
static void copy_rom(const struct rom_layout *rom)
{
	uint8_t *copy = pool_pages(ROM_MAX / PAGE_SIZE);
	const struct original *fix;

	memcpy(copy, physical(boot.rom), rom->resident);
	copy[ROM_LENGTH] = (uint8_t)(rom->resident / ROM_UNIT);
	for (fix = (void *)(copy + rom->original_start);
	     (uint8_t *)fix < copy + rom->original_end; fix++)
		memcpy(copy + fix->entry, fix->bytes, sizeof(fix->bytes));
	/* The first call of VMI_IRET must reach the monitor: see transfer_by_call(). */
	boot.iret = copy + boot.returns[RETURN_IRET].entry;
	memcpy(boot.iret_bytes, boot.iret, 2);
	boot.iret[0] = INT_N;
	boot.iret[1] = VECTOR_IRET;
	hole_map_rom(boot.vcpu, block_physical(copy));
}

/* The first CPU's struct vcpu and its pages, in the hole's page tables. */
static void build_cpu(void)
{
	struct vcpu *v = pool_pages(HOLE_CPU_PAGES);

	boot.vcpu = v;
	v->info = pool_page();
	v->nested = nested;
	hole_build(v);
	hole_map_cpu(v, block_physical(pool_page()), block_physical(v->info));
}

static const char *const protect_names[] = { "segment", "paged" };

void post_main(uint32_t block_at, uint32_t size, uint32_t rom, uint32_t layout)
{
	const struct rom_layout *l;
	const char *why;

	boot.block = block_at;
	boot.block_size = size;
	boot.rom = rom;
	pool_init((uint32_t)monitor_end, HOLE_BLOCK + size);
	l = physical(rom + layout);
	memcpy(boot.returns, l->returns, sizeof(boot.returns));
	memcpy(boot.regions, l->regions, sizeof(boot.regions));
	calibrate();
	build_switch(l);
	build_cpu();
	copy_rom(l);
	build_first();
	why = protect_choose(l->protect);
	acpi_prepare(physical(0));
	allow_prepare();
	gate_prepare();
	shadow_prepare();	/* what is left of the block is the pool of shadows */
	print("vmi: version " VERSION_TEXT " rom %05x monitor %08x-%08x protect %s (%s)\n",
	      rom, block_at, block_at + size - 1, protect_names[boot.protect], why);
	/* tools/vmi-linux looks for this line, to read the counters. */
	print("vmi: %u counters at %08x\n", STAT_COUNT + VMI_NR_CALLS,
	      hole_physical(boot.vcpu, HOLE_CPU) + offsetof(struct vcpu, stats));
}
