// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shadow pool: pages that shadow the guest's page tables, found by the frame of the
 * guest's table.  The shadow of an announced table is shared by all directories that
 * point to that table, and lives until it is evicted or the guest gives the table up.
 * The shadow of a table that was never announced is volatile: like the contents of a
 * TLB, it goes at the next flush.  The pool has a fixed size; when no page is free,
 * one is evicted.
 */
#include "mmu/shadow.h"

/*
 * A page that was in use until now may still be known to the TLB and the processor's
 * paging-structure caches.  Flush them before it is used for something else.
 */
void shadowpage_flush_stale(void)
{
	if (mmu.stale) {
		mmu.stale = false;
		reload_cr3();
	}
}

/* ---- pages ---- */

static void unhash(unsigned page)
{
	uint16_t *at = &mmu.hash[mmu.shadows[page].frame % SHADOW_HASHES];

	while (*at != page)
		at = &mmu.shadows[*at].next;
	*at = mmu.shadows[page].next;
}

static void leave_volatile(struct shadow *s)
{
	if (s->before)
		mmu.shadows[s->before].after = s->after;
	else
		mmu.volatile_first = s->after;
	if (s->after)
		mmu.shadows[s->after].before = s->before;
}

static void join_volatile(unsigned page)
{
	mmu.shadows[page].before = 0;
	mmu.shadows[page].after = (uint16_t)mmu.volatile_first;
	if (mmu.volatile_first)
		mmu.shadows[mmu.volatile_first].before = (uint16_t)page;
	mmu.volatile_first = page;
}

static void to_free(unsigned page)
{
	mmu.shadows[page].kind = SHADOW_FREE;
	mmu.shadows[page].next = (uint16_t)mmu.free_first;
	mmu.free_first = page;
}

/* Free @page, to which nothing points any more.  Its own links have been cut. */
static void free_page(unsigned page)
{
	struct shadow *s = &mmu.shadows[page];

	unhash(page);
	if (s->is_volatile)
		leave_volatile(s);
	if (s->twin) {
		mmu.shadows[s->twin].groups = s->groups;
		to_free(s->twin);
	}
	to_free(page);
	mmu.stale = true;
}

void shadowpage_clear(unsigned directory, unsigned index)
{
	unsigned orphan = link_cut(directory, index);

	if (orphan)
		free_page(orphan);
}

void shadowpage_link(unsigned directory, unsigned index, unsigned table, uint64_t flags)
{
	shadowpage_clear(directory, index);
	link_table(directory, index, table, flags);
}

void shadowpage_set(unsigned directory, unsigned index, uint64_t entry)
{
	shadowpage_clear(directory, index);
	link_large(directory, index, entry);
}

/* Cut all links from @directory to page tables, except in the hole. */
static void clear_all(unsigned directory)
{
	const struct halves *first = shadow_entry(directory, 0), *at, *end;
	unsigned groups = mmu.shadows[directory].groups;

	if (mmu.shadows[directory].part == TOP_GIB)
		groups &= ~(1u << HOLE_INDEX / GROUP);
	for (; groups; groups &= groups - 1) {
		at = first + (unsigned)__builtin_ctz(groups) * GROUP;
		for (end = at + GROUP; at < end; at++)
			if (at->low & PTE_P)
				shadowpage_clear(directory, (unsigned)(at - first));
	}
}

/*
 * All pages at once, without a look at a single entry: what a guest has built must not
 * decide how long this takes.  No link is left, since every page that could hold one is
 * free, and a free page is zeroed before it is used again.
 */
void shadowpage_drop_all(void)
{
	unsigned page;

	link_forget_all();
	memset(mmu.hash, 0, sizeof(mmu.hash));
	mmu.volatile_first = mmu.free_first = 0;
	for (page = mmu.count; page; page--) {
		struct shadow *s = &mmu.shadows[page];

		if (s->twin)
			mmu.shadows[s->twin].groups = s->groups;
		s->parents = 0;
		s->twin = 0;
		to_free(page);
	}
	mmu.stale = true;
}

/*
 * Cut all links to and from @page, and free it.  false: it is a table with so many
 * parents that finding them would take too long.
 */
static bool try_drop(unsigned page)
{
	if (shadow_is_directory(mmu.shadows[page].kind)) {
		link_cut_directory(page);
		clear_all(page);
	} else if (!link_cut_table(page)) {
		return false;
	}
	free_page(page);
	return true;
}

/* The same where nobody holds the number of a page: all of them go if need be. */
static void drop(unsigned page)
{
	if (!try_drop(page)) {
		shadowpage_drop_all();
		shadowpage_flush_stale();
	}
}

/* A frame may be shadowed by several pages: parts, or as a table and as a directory. */
void shadowpage_drop_frame(uint32_t frame)
{
	unsigned page = mmu.hash[frame % SHADOW_HASHES], next;

	/* drop() may free page tables in this chain, too, so begin again after it. */
	while (page) {
		next = mmu.shadows[page].next;
		if (mmu.shadows[page].frame == frame && mmu.shadows[page].kind != SHADOW_SPLIT) {
			drop(page);
			next = mmu.hash[frame % SHADOW_HASHES];
		}
		page = next;
	}
}

/*
 * A volatile directory only points to page tables that it owns, which are volatile
 * too.  So links between volatile pages need not be cut: both sides go.
 */
void shadowpage_drop_volatile(void)
{
	unsigned page;

	for (page = mmu.volatile_first; page; page = mmu.shadows[page].after) {
		const struct shadow *s = &mmu.shadows[page];

		if (shadow_is_directory(s->kind))
			link_cut_directory(page);
		else if (!mmu.shadows[s->parent].is_volatile)
			BUG_ON(!link_cut_table(page));	/* it has one parent */
	}
	while (mmu.volatile_first)
		free_page(mmu.volatile_first);
}

bool shadowpage_is_current(unsigned directory)
{
	unsigned gib;

	for (gib = 0; gib < GIBS; gib++)
		if (this_vcpu()->space->directory[gib] == directory)
			return true;
	return false;
}

/*
 * Free a page that has not been used for about the longest ("second chance"): a hand
 * goes round all pages, takes the mark "used" from those that have it, and evicts the
 * first one that has none.  If that is a table with too many parents, there are as many
 * directories, and one of those that are not in use is evicted in its place.
 */
static void evict(void)
{
	bool directories_only = false;

	for (;;) {
		struct shadow *s;

		mmu.hand = mmu.hand % mmu.count + 1;
		s = &mmu.shadows[mmu.hand];
		if (s->kind == SHADOW_FREE || s->kind == SHADOW_TWIN)
			continue;
		if (shadow_is_directory(s->kind) ? shadowpage_is_current(mmu.hand) : directories_only)
			continue;
		if (s->used && !directories_only) {
			s->used = false;
			mmu.marks_taken += shadow_is_directory(s->kind);
		} else if (try_drop(mmu.hand)) {
			break;
		} else {
			directories_only = true;
		}
	}
	this_vcpu()->stats[STAT_EVICTED]++;
}

static void zero(void *at, unsigned words)
{
	__asm__ volatile("rep stosl" : "+D"(at), "+c"(words) : "a"(0) : "memory");
}

/* A free page, zeroed: not earlier, since until shadowpage_flush_stale() the processor may walk it. */
static unsigned take_free(void)
{
	unsigned page, groups;

	while (!mmu.free_first)
		evict();
	shadowpage_flush_stale();
	page = mmu.free_first;
	mmu.free_first = mmu.shadows[page].next;
	for (groups = mmu.shadows[page].groups; groups; groups &= groups - 1)
		zero(&shadow_entries(page)[(unsigned)__builtin_ctz(groups) * GROUP], GROUP * 2);
	return page;
}

unsigned shadowpage_find(uint32_t frame, unsigned kind, unsigned part)
{
	unsigned page = mmu.hash[frame % SHADOW_HASHES];

	for (; page; page = mmu.shadows[page].next) {
		const struct shadow *s = &mmu.shadows[page];

		if (s->frame == frame && s->kind == kind && s->part == part && !s->is_volatile)
			break;
	}
	return page;
}

/* A twin for a fourth directory, on which the monitor runs; 0: not needed in segment mode. */
static unsigned new_twin(void)
{
	unsigned twin;

	if (boot.protect != PROTECT_PAGED)
		return 0;
	twin = take_free();
	mmu.shadows[twin] = (struct shadow){ .kind = SHADOW_TWIN };
	return twin;
}

/*
 * The new page is marked as used, so the hand passes it once.  The twin, if one is needed,
 * is taken first: taking it may evict a page, but not one that is half set up.
 */
unsigned shadowpage_new(uint32_t frame, unsigned kind, unsigned part, bool is_volatile)
{
	struct vcpu *v = this_vcpu();
	bool top = shadow_is_directory(kind) && part == TOP_GIB;
	unsigned twin = top ? new_twin() : 0;
	unsigned page = take_free();

	mmu.shadows[page] = (struct shadow){
		.frame = frame, .kind = (uint8_t)kind, .part = (uint8_t)part, .used = true,
		.twin = (uint16_t)twin, .is_volatile = is_volatile,
		.owned = !shadow_is_directory(kind) && (is_volatile || kind == SHADOW_SPLIT),
		.next = mmu.hash[frame % SHADOW_HASHES],
	};
	mmu.hash[frame % SHADOW_HASHES] = (uint16_t)page;
	if (is_volatile)
		join_volatile(page);
	if (top)
		shadow_mark(&mmu.shadows[page], HOLE_INDEX);
	if (top && twin)
		hole_fill_pd3(v, shadow_entries(page), shadow_entries(twin));
	else if (top)
		hole_fill_pd3(v, NULL, shadow_entries(page));
	v->stats[STAT_SHADOW_BUILT]++;
	return page;
}

/* Called last in POST: the pool gets all that is left of the reserved block. */
void shadowpage_prepare(void)
{
	unsigned pages = pool_free_pages();
	unsigned records = (pages * sizeof(*mmu.shadows) + PAGE_SIZE - 1) / PAGE_SIZE;
	unsigned page;

	mmu.shadows = pool_pages(records);
	mmu.count = pages - records;
	mmu.pool = (uint32_t)(uintptr_t)pool_pages(mmu.count) - PAGE_SIZE;
	mmu.pool_physical = block_physical(shadow_entries(0));
	for (page = mmu.count; page; page--)
		to_free(page);
}
