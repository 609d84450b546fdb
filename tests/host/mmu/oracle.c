// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the guest's own tables allow: a reference that knows nothing of shadows.
 * Walks are as the SDM has them (volume 3, 4.3 and 4.4).  Of each entry it knows
 * what it was since the last flush of all, and when: a processor may have made a
 * translation at any time since the flush that covers it, from an entry of a
 * page table as it was then, and an entry of a directory as it was then, or as it
 * has been since the last INVLPG before (4.10.2 and 4.10.3).
 *
 * Announced tables need no rules of their own.  What the guest changes by calls is
 * true at the next flush at the latest, as of any table, and at the call's if that
 * flushes.  Only where the guest breaks its promise, and writes to such a table
 * without a call, the oracle gives up (taint) until the monitor has dropped all that it
 * made of that table.
 */
#include <string.h>

#include "mmu/sim.h"

#define CHANGES		128u
#define FLUSHES		128u
#define FULL		44u		/* one step makes much fewer than the rest */
#define NEVER_ENDED	0xffffffffu
#define RESERVED_4M	0x003fe000u
#define RESERVED_2M	0x001fe000u
#define PHYSICAL_MOST	43u

struct machine machine;

/* Time passes with every change and every flush. */
static unsigned now, last_flush;
static struct {
	uint64_t *at, old;
	unsigned time;
} changes[CHANGES];
static unsigned change_count;
static struct {
	uint32_t linear;
	unsigned time;
} flushes[FLUSHES];
static unsigned flush_count;
/* A frame whose shadows are dropped is tainted for as long as TLBs know what they were. */
static enum taint { CLEAN, TAINTED, DROPPED } taints[RAM_FRAMES];
static uint64_t expected[RAM_FRAMES][ENTRIES];

bool oracle_pae(void)
{
	return machine.cr4 & CR4_PAE;
}

unsigned oracle_entry_size(void)
{
	return oracle_pae() ? 8 : 4;
}

void oracle_believe_memory(void)
{
	unsigned i;

	for (i = 0; i < RAM_FRAMES; i++)
		memcpy(expected[i], ram_at(ram_frame[i]), PAGE_SIZE);
}

void oracle_reset(void)
{
	machine = (struct machine){ .apic_frame = NO_FRAME };
	now = last_flush = change_count = flush_count = 0;
	memset(taints, 0, sizeof(taints));
	oracle_believe_memory();
}

/* ---- frames ---- */

bool oracle_closed(uint64_t frame)
{
	return frame - BLOCK_FRAME < boot.block_size / PAGE_SIZE || frame == LOCAL_APIC_BASE / PAGE_SIZE ||
	       frame == IO_APIC_BASE / PAGE_SIZE || frame == machine.apic_frame;
}

static bool is_rom(uint64_t frame)
{
	return frame - ROM_FRAMES_FIRST < ROM_FRAMES;
}

bool oracle_read_only(uint64_t frame)
{
	return oracle_watched(frame) || is_rom(frame);
}

/* The monitor reads no page tables there; their entries count as 0. */
static bool has_no_window(uint64_t frame)
{
	return oracle_closed(frame) || is_rom(frame);
}

bool oracle_watched(uint64_t frame)
{
	unsigned i;

	for (i = 0; i < machine.watches[0]; i++)
		if (machine.watched[i] == frame)
			return true;
	for (i = 0; i < machine.watches[1]; i++)
		if (machine.watched[WATCH_PAGES + i] == frame)
			return true;
	return false;
}

void oracle_taint(uint32_t frame)
{
	unsigned slot = ram_slot(frame);

	if (slot != NO_SLOT)
		taints[slot] = TAINTED;
}

void oracle_dropped(uint32_t frame)
{
	unsigned slot = ram_slot(frame);

	if (slot != NO_SLOT && taints[slot])
		taints[slot] = DROPPED;
}

static bool is_tainted(uint32_t frame)
{
	unsigned slot = ram_slot(frame);

	return slot != NO_SLOT && taints[slot];
}

/* ---- entries, as they are ---- */

uint64_t oracle_read(uint32_t frame, unsigned offset, unsigned size)
{
	uint64_t *entries = ram_at(frame), value;

	if (has_no_window(frame))
		return 0;
	value = entries ? entries[offset / 8] : ~0ull;
	if (size == 8)
		return value;
	return (uint32_t)(value >> offset % 8 * 8);
}

void oracle_write(uint32_t frame, unsigned offset, uint64_t value, unsigned size)
{
	uint64_t *at = ram_at(frame);

	if (!at)
		return;
	at += offset / 8;
	now++;
	CHECK(change_count < CHANGES, "too many changes for the oracle");
	changes[change_count].at = at;
	changes[change_count].old = *at;
	changes[change_count++].time = now;
	if (size == 8)
		*at = value;
	else
		((uint32_t *)at)[offset / 4 % 2] = (uint32_t)value;
	expected[ram_slot(frame)][offset / 8] = *at;
}

/* ---- flushes ---- */

bool oracle_is_full(void)
{
	return change_count > FULL || flush_count > FULL;
}

void oracle_flush(void)
{
	unsigned i;

	last_flush = ++now;
	change_count = flush_count = 0;
	for (i = 0; i < RAM_FRAMES; i++)
		if (taints[i] == DROPPED)
			taints[i] = CLEAN;
}

void oracle_flush_and_drop(void)
{
	unsigned i;

	for (i = 0; i < RAM_FRAMES; i++)
		taints[i] = CLEAN;
	oracle_flush();
}

void oracle_flush_page(uint32_t linear)
{
	CHECK(flush_count < FLUSHES, "too many INVLPGs for the oracle");
	flushes[flush_count].linear = linear;
	flushes[flush_count++].time = ++now;
}

/* When a translation of @linear by a page of which @mask tells the number was flushed last. */
static unsigned flushed(uint32_t linear, uint32_t mask)
{
	unsigned i = flush_count;

	while (i--)
		if (!((flushes[i].linear ^ linear) & mask))
			return flushes[i].time;
	return last_flush;
}

/* Was there an INVLPG from after @from to @to?  A directory's entry was forgotten then. */
static bool flushed_between(unsigned from, unsigned to)
{
	unsigned i;

	for (i = 0; i < flush_count; i++)
		if (flushes[i].time > from && flushes[i].time <= to)
			return true;
	return false;
}

/* ---- what entries have been ---- */

struct version {
	uint64_t value;
	unsigned from, to;
};

/* All since the last flush of all; the number of them. */
static unsigned versions(uint32_t frame, unsigned offset, unsigned size, struct version *v)
{
	uint64_t *at = ram_at(frame), old;
	unsigned i, n = 0, from = last_flush;

	if (at && !has_no_window(frame))
		for (at += offset / 8, i = 0; i < change_count; i++)
			if (changes[i].at == at) {
				old = changes[i].old;
				v[n].value = size == 8 ? old : (uint32_t)(old >> offset % 8 * 8);
				v[n].from = from;
				v[n++].to = from = changes[i].time;
			}
	v[n].value = oracle_read(frame, offset, size);
	v[n].from = from;
	v[n++].to = NEVER_ENDED;
	return n;
}

/* ---- rights ---- */

static uint64_t reserved(unsigned size)
{
	unsigned bits = processor.physical_bits < PHYSICAL_MOST ? processor.physical_bits : PHYSICAL_MOST;

	if (size == 4)
		return 0;
	return (~0ull << bits & ~PTE_NX) | (machine.nxe ? 0 : PTE_NX);
}

static bool is_large(uint64_t pde, unsigned size)
{
	return (pde & PTE_PS) && (size == 8 || (machine.cr4 & CR4_PSE));
}

static bool is_bad(uint64_t entry, unsigned size, bool large)
{
	uint64_t bits = reserved(size);

	if (large)
		bits |= size == 4 ? RESERVED_4M : RESERVED_2M;
	return entry & bits;
}

static uint32_t frame_in(uint64_t entry)
{
	return (uint32_t)((entry & PTE_FRAME) >> 12);
}

static uint64_t frame_of_large(uint32_t linear, uint64_t pde, unsigned size)
{
	uint32_t mask = size == 4 ? 2 * LARGE - 1 : LARGE - 1;

	return ((pde & PTE_FRAME & ~(uint64_t)mask) | (linear & mask)) >> 12;
}

/* May a processor have @m from a path by entries @all, ORed, and @any, ANDed, of which the last is @last? */
static bool fits(const struct mapping *m, uint64_t frame, uint64_t any, uint64_t all, uint64_t last)
{
	bool strict = machine.cr0 & CR0_WP;

	if (m->frame != frame || !(any & PTE_P) || !(any & PTE_A))
		return false;
	if (m->user && !(any & PTE_U))
		return false;
	if (m->writable && (!(last & PTE_D) || (!(any & PTE_W) && (strict || m->user))))
		return false;
	return m->nx || !(all & PTE_NX);
}

/* ---- what a processor may have ---- */

/* The table that @linear's directory is in, and the offset there; false: nothing is mapped. */
static bool directory_of(uint32_t linear, uint32_t *frame, unsigned *offset)
{
	uint64_t pdpte = machine.pdpte[linear >> 30];

	if (!oracle_pae()) {
		*frame = machine.cr3 / PAGE_SIZE;
		*offset = (linear >> 22) * 4;
		return true;
	}
	*frame = frame_in(pdpte);
	*offset = linear / LARGE % ENTRIES * 8;
	return pdpte & PTE_P;
}

static unsigned later(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

/* By this directory's entry, when it was a page table's. */
static bool table_allows(uint32_t linear, const struct mapping *m, const struct version *pde, unsigned size)
{
	unsigned offset = linear / PAGE_SIZE % (PAGE_SIZE / size) * size, n, i, made;
	uint32_t frame = frame_in(pde->value);
	struct version v[CHANGES + 1];

	if (is_tainted(frame))
		return true;
	n = versions(frame, offset, size, v);
	for (i = 0; i < n; i++) {
		made = later(later(v[i].from, pde->from), flushed(linear, -PAGE_SIZE));
		if (made >= v[i].to)
			continue;
		if (made >= pde->to && flushed_between(pde->to, made))
			continue;
		if ((v[i].value & PTE_P) && !is_bad(v[i].value, size, false) &&
		    fits(m, frame_in(v[i].value), pde->value & v[i].value, pde->value | v[i].value, v[i].value))
			return true;
	}
	return false;
}

static bool large_allows(uint32_t linear, const struct mapping *m, const struct version *pde, unsigned size)
{
	uint32_t mask = size == 4 ? -2 * LARGE : -LARGE;

	return flushed(linear, mask) < pde->to &&
	       fits(m, frame_of_large(linear, pde->value, size), pde->value, pde->value, pde->value);
}

static bool tables_allow(uint32_t linear, const struct mapping *m)
{
	unsigned size = oracle_entry_size(), offset, n, i;
	struct version v[CHANGES + 1];
	uint32_t frame;

	if (!directory_of(linear, &frame, &offset))
		return false;
	if (is_tainted(frame))
		return true;
	n = versions(frame, offset, size, v);
	for (i = 0; i < n; i++) {
		bool large = is_large(v[i].value, size);

		if (!(v[i].value & PTE_P) || is_bad(v[i].value, size, large))
			continue;
		if (large ? large_allows(linear, m, &v[i], size) : table_allows(linear, m, &v[i], size))
			return true;
	}
	return false;
}

bool oracle_allows(uint32_t linear, const struct mapping *m)
{
	if (oracle_closed(m->frame) || (m->writable && oracle_read_only(m->frame)))
		return false;
	if (!(machine.cr0 & CR0_PG))
		return m->frame == linear / PAGE_SIZE;
	return tables_allow(linear, m);
}

/* ---- the walk of now ---- */

static void fault(struct path *p, unsigned access, unsigned bits)
{
	p->fault = true;
	p->error = bits | (access & (ERROR_W | ERROR_U));
	if ((access & ERROR_I) && oracle_pae() && machine.nxe)
		p->error |= ERROR_I;
}

static uint64_t step(struct path *p, uint32_t frame, unsigned offset, unsigned size)
{
	p->at[p->entries].frame = frame;
	p->at[p->entries++].offset = offset;
	p->tainted |= is_tainted(frame);
	return oracle_read(frame, offset, size);
}

static void judge(struct path *p, unsigned access, uint64_t any, uint64_t all)
{
	p->writable = any & PTE_W;
	p->user = any & PTE_U;
	p->nx = all & PTE_NX;
	if (((access & ERROR_U) && !p->user) || ((access & ERROR_I) && p->nx) ||
	    ((access & ERROR_W) && !p->writable && ((access & ERROR_U) || (machine.cr0 & CR0_WP))))
		fault(p, access, ERROR_P);
}

static void walk_by_tables(uint32_t linear, unsigned access, struct path *p)
{
	unsigned size = oracle_entry_size(), offset;
	uint64_t pde, pte;
	uint32_t frame;
	bool large;

	pde = directory_of(linear, &frame, &offset) ? step(p, frame, offset, size) : 0;
	if (!(pde & PTE_P)) {
		fault(p, access, 0);
		return;
	}
	large = is_large(pde, size);
	if (is_bad(pde, size, large)) {
		fault(p, access, ERROR_P | ERROR_RSVD);
		return;
	}
	if (large) {
		p->frame = frame_of_large(linear, pde, size);
		judge(p, access, pde, pde);
		return;
	}
	pte = step(p, frame_in(pde), linear / PAGE_SIZE % (PAGE_SIZE / size) * size, size);
	if (!(pte & PTE_P)) {
		fault(p, access, 0);
	} else if (is_bad(pte, size, false)) {
		fault(p, access, ERROR_P | ERROR_RSVD);
	} else {
		p->frame = frame_in(pte);
		judge(p, access, pde & pte, pde | pte);
	}
}

void oracle_walk(uint32_t linear, unsigned access, struct path *p)
{
	*p = (struct path){ .fault = false };
	if (linear >= HOLE_BASE) {
		fault(p, access, 0);
	} else if (machine.cr0 & CR0_PG) {
		walk_by_tables(linear, access, p);
	} else {
		p->frame = linear / PAGE_SIZE;
		p->writable = p->user = true;
	}
}

bool oracle_load_pdptes(uint32_t cr3)
{
	uint64_t now_there[GIBS];
	unsigned i;

	for (i = 0; i < GIBS; i++) {
		now_there[i] = oracle_read(cr3 / PAGE_SIZE, (cr3 & 0xfe0) + i * 8, 8);
		if ((now_there[i] & PTE_P) && (now_there[i] & (reserved(8) | PTE_NX | 0x1e6)))
			return false;
	}
	memcpy(machine.pdpte, now_there, sizeof(now_there));
	return true;
}

/* ---- what the monitor may write ---- */

/* The bits that may be set in the 8 bytes at @at by an access by way of @p. */
static uint64_t may_be_set(const struct path *p, unsigned access, const uint64_t *at)
{
	unsigned i, size = oracle_entry_size();
	uint64_t may = 0, bits;

	for (i = 0; i < p->entries; i++) {
		const uint64_t *entries = ram_at(p->at[i].frame);

		if (!entries || entries + p->at[i].offset / 8 != at)
			continue;
		bits = PTE_A | (access & ERROR_W && i + 1 == p->entries ? PTE_D : 0);
		may |= size == 8 ? bits : bits << p->at[i].offset % 8 * 8;
	}
	return may;
}

void oracle_accessed(const struct path *p, unsigned access)
{
	unsigned i;

	if (p->tainted) {
		oracle_believe_memory();
		return;
	}
	for (i = 0; i < p->entries; i++) {
		uint64_t *at = ram_at(p->at[i].frame), *was, may;

		if (!at)
			continue;
		at += p->at[i].offset / 8;
		was = &expected[ram_slot(p->at[i].frame)][p->at[i].offset / 8];
		may = may_be_set(p, access, at);
		CHECK(!((*was ^ *at) & ~may) && !(*was & ~*at), "entry %x:%x was %llx and is %llx",
		      p->at[i].frame, p->at[i].offset, *was, *at);
		*was = *at;
	}
}

void oracle_check_memory(void)
{
	unsigned slot, i;

	for (slot = 0; slot < RAM_FRAMES; slot++) {
		const uint64_t *at = ram_at(ram_frame[slot]);

		if (!memcmp(at, expected[slot], PAGE_SIZE))
			continue;
		for (i = 0; at[i] == expected[slot][i]; i++)
			;
		fail("memory %x:%x was %llx and is %llx", ram_frame[slot], i * 8, expected[slot][i], at[i]);
	}
}
