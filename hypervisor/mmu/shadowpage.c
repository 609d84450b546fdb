// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shadow pool: pages that shadow the guest's page tables, found by the
 * guest's frame.  A page of an announced table is shared by all that point to
 * it and stays until it is evicted or its table is given up; one of a table
 * that the guest never announced is volatile: like what a TLB holds, it goes
 * at the next flush.  The pool is fixed; when it is empty a page is evicted.
 */
#include "mmu/shadow.h"

#define HOLE_INDEX	(HOLE_BASE / LARGE % ENTRIES)

/* Free pages are not used again while a TLB may know what they were. */
void shadowpage_settle(void)
{
	if (mmu.stale) {
		mmu.stale = false;
		reload_cr3();
	}
}

/* ---- pages ---- */

static void leave_hash(unsigned page)
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

/* Nothing points to it, and it points to nothing that is needed. */
static void release(unsigned page)
{
	struct shadow *s = &mmu.shadows[page];

	leave_hash(page);
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
		release(orphan);
}

void shadowpage_link(unsigned directory, unsigned index, unsigned table, uint64_t flags)
{
	shadowpage_clear(directory, index);
	link_table(directory, index, table, flags);
}

/* A large page. */
void shadowpage_set(unsigned directory, unsigned index, uint64_t entry)
{
	shadowpage_clear(directory, index);
	link_large(directory, index, entry);
}

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

static void drop(unsigned page)
{
	if (shadow_is_directory(mmu.shadows[page].kind)) {
		link_cut_directory(page);
		clear_all(page);
	} else {
		link_cut_table(page);
	}
	release(page);
}

void shadowpage_drop_frame(uint32_t frame)
{
	unsigned page = mmu.hash[frame % SHADOW_HASHES], next;

	/* Dropping a directory drops tables of its own, of other frames' hashes or of this. */
	while (page) {
		next = mmu.shadows[page].next;
		if (mmu.shadows[page].frame == frame && mmu.shadows[page].kind != SHADOW_SPLIT) {
			drop(page);
			next = mmu.hash[frame % SHADOW_HASHES];
		}
		page = next;
	}
}

void shadowpage_drop_all(void)
{
	unsigned page;

	for (page = 1; page <= mmu.count; page++)
		if (shadow_is_directory(mmu.shadows[page].kind))
			drop(page);
	for (page = 1; page <= mmu.count; page++)
		if (mmu.shadows[page].kind != SHADOW_FREE && mmu.shadows[page].kind != SHADOW_TWIN)
			drop(page);
}

/*
 * A volatile directory has no children but its own, which are volatile too: they
 * all go at once.
 */
void shadowpage_drop_volatile(void)
{
	unsigned page;

	for (page = mmu.volatile_first; page; page = mmu.shadows[page].after) {
		const struct shadow *s = &mmu.shadows[page];

		if (shadow_is_directory(s->kind))
			link_cut_directory(page);
		else if (!mmu.shadows[s->parent].is_volatile)
			link_cut_table(page);
	}
	while (mmu.volatile_first)
		release(mmu.volatile_first);
}

/* The one that has not been used for longest, roughly. */
static void evict(void)
{
	for (;;) {
		struct shadow *s;

		mmu.hand = mmu.hand % mmu.count + 1;
		s = &mmu.shadows[mmu.hand];
		if (s->kind == SHADOW_FREE || s->kind == SHADOW_TWIN)
			continue;
		if (shadow_is_directory(s->kind) && space_has(mmu.hand))
			continue;
		if (!s->used)
			break;
		s->used = false;
		mmu.marks_taken += shadow_is_directory(s->kind);
	}
	this_vcpu()->stats[STAT_EVICTED]++;
	drop(mmu.hand);
}

static void zero(void *at, unsigned words)
{
	__asm__ volatile("rep stosl" : "+D"(at), "+c"(words) : "a"(0) : "memory");
}

/* Zeroed only now: until shadowpage_settle() the processor may walk it. */
static unsigned take_free(void)
{
	unsigned page, groups;

	while (!mmu.free_first)
		evict();
	shadowpage_settle();
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

/* The twin of a fourth directory; where there is none, 0. */
static unsigned new_twin(void)
{
	unsigned twin;

	if (boot.protect != PROTECT_PAGED)
		return 0;
	twin = take_free();
	mmu.shadows[twin] = (struct shadow){ .kind = SHADOW_TWIN };
	return twin;
}

unsigned shadowpage_new(uint32_t frame, unsigned kind, unsigned part, bool is_volatile)
{
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
		hole_fill_pd3(this_vcpu(), shadow_entries(page), shadow_entries(twin));
	else if (top)
		hole_fill_pd3(this_vcpu(), NULL, shadow_entries(page));
	this_vcpu()->stats[STAT_SHADOW_BUILT]++;
	return page;
}

/* In POST: what is left of the block. */
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
