// SPDX-License-Identifier: GPL-2.0-only
/*
 * The processor: it walks what the monitor has loaded into CR3, always in PAE
 * format and with CR0.WP set, and keeps what it likes of that until it is told to forget:
 * PDPTEs until the next load of CR3, translations and entries of directories until
 * INVLPG, or a fault, of the address (SDM volume 3, 4.10).
 */
#include <string.h>

#include "mmu/sim.h"

#define TLB_ENTRIES	24u
#define CACHED_PDES	8u
#define HOLE_INDEX	(HOLE_BASE / LARGE % ENTRIES)

struct processor processor;

/* What a TLB holds: a page, and whether it was a part of a large one. */
struct tlb_entry {
	bool valid, large;
	uint32_t page;			/* linear, of 4 KiB or of 2 MiB */
	uint64_t frame;			/* the first */
	bool writable, user, nx;
};
static struct tlb_entry tlb[TLB_ENTRIES];

static struct {
	bool valid;
	uint32_t part;			/* of linear memory: 2 MiB */
	uint64_t pde;
} pdes[CACHED_PDES];

/* ---- what makes it forget ---- */

static void forget_all(void)
{
	memset(tlb, 0, sizeof(tlb));
	memset(pdes, 0, sizeof(pdes));
}

static bool tlb_is_for(const struct tlb_entry *e, uint32_t linear)
{
	return e->valid && !((e->page ^ linear) & (e->large ? -LARGE : -PAGE_SIZE));
}

static void forget_page(uint32_t linear)
{
	struct tlb_entry *e;

	for (e = tlb; e < tlb + TLB_ENTRIES; e++)
		if (tlb_is_for(e, linear))
			e->valid = false;
}

/* Of a fault: its own entries of directories go, and of INVLPG all. */
static void forget_pdes(uint32_t linear, bool all)
{
	unsigned i;

	for (i = 0; i < CACHED_PDES; i++)
		if (all || pdes[i].part == linear / LARGE)
			pdes[i].valid = false;
}

void processor_load(uint32_t cr3)
{
	const uint64_t *pdpt = block_at(cr3 & ~31u);
	unsigned i;

	processor.cr3 = cr3;
	for (i = 0; i < GIBS; i++) {
		processor.pdpte[i] = pdpt[i];
		CHECK(!(pdpt[i] & PTE_P) || !(pdpt[i] & 0x1e6), "PDPTE %llx: #GP in the monitor", pdpt[i]);
	}
	forget_all();
}

void processor_reset(void)
{
	processor.cr3 = 0;
	memset(processor.pdpte, 0, sizeof(processor.pdpte));
	forget_all();
}

/* ---- the instructions ---- */

uint32_t read_cr0(void) { return processor.cr0; }
uint32_t read_cr2(void) { return processor.cr2; }
uint32_t read_cr3(void) { return processor.cr3; }
uint32_t read_cr4(void) { return processor.cr4; }
void write_cr0(uint32_t v) { processor.cr0 = v; }
void write_cr2(uint32_t v) { processor.cr2 = v; }
void write_cr3(uint32_t v) { processor_load(v); }
void write_cr4(uint32_t v) { processor.cr4 = v; }

void invlpg(uint32_t linear)
{
	if (linear - HOLE_WINDOWS < WINDOW_COUNT * PAGE_SIZE)
		memory_show_window(linear);
	forget_page(linear);
	forget_pdes(linear, true);
}

void cpuid(uint32_t leaf, uint32_t subleaf, uint32_t r[4])
{
	(void)subleaf;
	r[0] = leaf == LEAF_EXTENDED ? LEAF_ADDRESS_SIZES : processor.physical_bits;
	r[1] = r[2] = 0;
	r[3] = FEATURE_PSE36;
}

/* ---- walks ---- */

static uint64_t reserved(void)
{
	return (~0ull << processor.physical_bits) & ~PTE_NX;
}

static void take(uint32_t linear, const struct tlb_entry *e)
{
	unsigned i = whim(TLB_ENTRIES);

	tlb[i] = *e;
	tlb[i].page = linear & (e->large ? -LARGE : -PAGE_SIZE);
}

static void leaf(struct tlb_entry *e, uint32_t linear, uint64_t entry, uint64_t above)
{
	CHECK(!(entry & reserved()), "entry %llx for %x has reserved bits", entry, linear);
	CHECK((~entry & (PTE_A | PTE_D)) == 0, "entry %llx for %x: the processor would write to it", entry,
	      linear);
	e->valid = true;
	e->frame = (entry & PTE_FRAME) >> 12;
	e->writable = entry & above & PTE_W;
	e->user = entry & above & PTE_U;
	e->nx = (entry | above) & PTE_NX;
}

/* Below the entry of a directory that it has read, or remembers. */
static bool walk_below(uint32_t linear, uint64_t pde, struct tlb_entry *e)
{
	uint64_t pte;

	CHECK(!(pde & reserved()), "directory's entry %llx for %x has reserved bits", pde, linear);
	e->large = pde & PTE_PS;
	e->page = linear & (e->large ? -LARGE : -PAGE_SIZE);
	if (e->large) {
		CHECK(!(pde & (LARGE - 1) & PAGE_MASK), "large page %llx", pde);
		leaf(e, linear, pde, pde & ~PTE_NX);
		return true;
	}
	pte = block_at(pde & PTE_FRAME)[linear / PAGE_SIZE % ENTRIES];
	if (!(pte & PTE_P))
		return false;
	leaf(e, linear, pte, pde);
	return true;
}

static uint64_t read_pde(uint32_t linear)
{
	uint64_t pdpte = processor.pdpte[linear >> 30];

	if (!(pdpte & PTE_P))
		return 0;
	return block_at(pdpte & PTE_FRAME)[linear / LARGE % ENTRIES];
}

static void remember_pde(uint32_t linear, uint64_t pde)
{
	unsigned i = whim(CACHED_PDES);

	if (!(pde & PTE_P) || (pde & PTE_PS))
		return;
	pdes[i].valid = true;
	pdes[i].part = linear / LARGE;
	pdes[i].pde = pde;
}

/* The entry of the directory: one that is remembered, if there is one and it likes to use it. */
static uint64_t find_pde(uint32_t linear)
{
	unsigned i;

	for (i = 0; i < CACHED_PDES; i++)
		if (pdes[i].valid && pdes[i].part == linear / LARGE && whim(4))
			return pdes[i].pde;
	return read_pde(linear);
}

static bool find(uint32_t linear, struct tlb_entry *e)
{
	uint64_t pde;
	unsigned i;

	for (i = 0; i < TLB_ENTRIES; i++)
		if (tlb_is_for(&tlb[i], linear) && whim(8)) {
			*e = tlb[i];
			return true;
		}
	pde = find_pde(linear);
	if (!(pde & PTE_P) || !walk_below(linear, pde, e))
		return false;
	if (whim(2))
		take(linear, e);
	if (whim(2))
		remember_pde(linear, pde);
	return true;
}

static struct mapping mapping_of(const struct tlb_entry *e, uint32_t linear)
{
	return (struct mapping){
		.frame = e->frame + (linear - e->page) / PAGE_SIZE,
		.writable = e->writable, .user = e->user, .nx = e->nx,
	};
}

bool processor_access(uint32_t linear, unsigned access, struct mapping *m, unsigned *error)
{
	struct tlb_entry e;
	bool present = find(linear, &e);

	*error = access | (present ? ERROR_P : 0);
	if (present) {
		*m = mapping_of(&e, linear);
		if (!((access & ERROR_W) && !m->writable) && !((access & ERROR_U) && !m->user) &&
		    !((access & ERROR_I) && m->nx))
			return true;
	}
	forget_page(linear);
	forget_pdes(linear, false);
	processor.cr2 = linear;
	return false;
}

void processor_speculate(uint32_t linear)
{
	struct tlb_entry e;

	if (linear < HOLE_BASE)
		find(linear, &e);
}

/* ---- what it can reach ---- */

static void check(uint32_t linear, const struct tlb_entry *e, const char *how)
{
	struct mapping m = mapping_of(e, linear);

	if (!oracle_allows(linear, &m))
		fail("%x leads to frame %llx%s%s%s by %s: the guest's tables do not allow it", linear, m.frame,
		     m.writable ? ", writable" : "", m.user ? ", user" : "", m.nx ? ", no code" : "", how);
}

/* By a TLB entry, or one of a directory, for all of a large page: at some places. */
static void check_page(const struct tlb_entry *e, const char *how)
{
	unsigned i;

	check(e->page, e, how);
	if (!e->large)
		return;
	check(e->page + LARGE - PAGE_SIZE, e, how);
	check(e->page + whim(ENTRIES) * PAGE_SIZE, e, how);
	for (i = 0; i < ENTRIES; i++)
		if (oracle_closed(e->frame + i))
			fail("%x: a large page has frame %llx", e->page, e->frame + i);
}

void processor_check(uint32_t linear)
{
	struct tlb_entry e;
	unsigned i;
	uint64_t pde;

	if (linear >= HOLE_BASE)
		return;
	pde = read_pde(linear);
	if ((pde & PTE_P) && walk_below(linear, pde, &e))
		check(linear, &e, "its tables");
	for (i = 0; i < CACHED_PDES; i++)
		if (pdes[i].valid && pdes[i].part == linear / LARGE && walk_below(linear, pdes[i].pde, &e))
			check(linear, &e, "an entry of a directory that it remembers");
}

void processor_check_tlb(void)
{
	unsigned i;

	for (i = 0; i < TLB_ENTRIES; i++)
		if (tlb[i].valid)
			check_page(&tlb[i], "its TLB");
}

static void check_table(uint32_t linear, uint64_t pde)
{
	const uint64_t *entries = block_at(pde & PTE_FRAME);
	struct tlb_entry e;
	unsigned i;

	for (i = 0; i < ENTRIES; i++)
		if (entries[i] & PTE_P) {
			walk_below(linear + i * PAGE_SIZE, pde, &e);
			check(linear + i * PAGE_SIZE, &e, "its tables");
		}
}

/* The hole is the same in every address space. */
static void check_hole(const uint64_t *entries)
{
	static uint64_t guest[ENTRIES], monitor[ENTRIES];
	bool paged = boot.protect == PROTECT_PAGED;
	unsigned i;

	memset(guest, 0, sizeof(guest));
	memset(monitor, 0, sizeof(monitor));
	hole_fill_pd3(this_vcpu(), guest, monitor);
	for (i = HOLE_INDEX; i < ENTRIES; i++)
		CHECK(entries[i] == (paged ? guest : monitor)[i], "entry %u of the hole is %llx", i, entries[i]);
}

static void check_directory(unsigned gib)
{
	const uint64_t *entries = block_at(processor.pdpte[gib] & PTE_FRAME);
	unsigned i, count = gib == TOP_GIB ? HOLE_INDEX : ENTRIES;
	struct tlb_entry e;

	for (i = 0; i < count; i++) {
		uint32_t linear = gib << 30 | i * LARGE;

		if (!(entries[i] & PTE_P))
			continue;
		if (entries[i] & PTE_PS) {
			walk_below(linear, entries[i], &e);
			check_page(&e, "its tables");
		} else {
			check_table(linear, entries[i]);
		}
	}
	if (gib == TOP_GIB)
		check_hole(entries);
}

void processor_check_all(void)
{
	unsigned gib, i, k;

	for (gib = 0; gib < GIBS; gib++)
		if (processor.pdpte[gib] & PTE_P)
			check_directory(gib);
	for (i = 0; i < CACHED_PDES; i++)
		for (k = 0; pdes[i].valid && k < 8; k++)
			processor_check(pdes[i].part * LARGE + whim(ENTRIES) * PAGE_SIZE);
	processor_check_tlb();
}
