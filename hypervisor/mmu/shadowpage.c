// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shadow pool: pages that shadow the guest's page tables, found by the
 * guest's frame.  A page of an announced table is shared by all that point to
 * it and stays until it is evicted or its table is given up; one of a table
 * that the guest never announced is volatile: like what a TLB holds, it goes
 * at the next flush.  The pool is fixed; when it is empty a page is evicted.
 */
#include "monitor.h"
#include "mmu/shadow.h"

#define HOLE_INDEX	(HOLE_BASE / LARGE % ENTRIES)

struct shadow *shadows;
uint32_t shadow_pool, shadow_pool_physical;
unsigned volatile_first;
uint32_t shadow_marks_taken;
uint16_t shadow_hash[SHADOW_HASHES];

static unsigned free_first, count, hand;
static bool stale;		/* the processor may still walk pages that are free */

static bool is_directory(unsigned kind)
{
	return kind >= SHADOW_DIRECTORY32 && kind <= SHADOW_FLAT;
}

/* Free pages are not used again while a TLB may know them. */
void shadowpage_settle(void)
{
	if (stale) {
		stale = false;
		write_cr3(read_cr3());
	}
}

/* ---- entries of directories ---- */

static void release(unsigned page);

static void set_entry(unsigned page, unsigned index, uint64_t entry)
{
	unsigned twin = shadows[page].twin;

	shadow_write(&shadow_entries(page)[index], (uint32_t)entry, (uint32_t)(entry >> 32));
	if (twin)
		shadow_write(&shadow_entries(twin)[index], (uint32_t)entry, (uint32_t)(entry >> 32));
}

void shadowpage_clear(unsigned page, unsigned index)
{
	uint64_t entry = shadow_entries(page)[index];
	unsigned child;

	if (!(entry & PTE_P) || (shadows[page].part == TOP_GIB && index >= HOLE_INDEX))
		return;
	set_entry(page, index, 0);
	child = shadowpage_child(entry);
	if (!child)
		return;
	shadows[child].parents--;
	if (shadows[child].owned)
		release(child);
}

/* A large page. */
void shadowpage_set(unsigned page, unsigned index, uint64_t entry)
{
	shadowpage_clear(page, index);
	shadowpage_mark(&shadows[page], index);
	set_entry(page, index, entry);
}

void shadowpage_link(unsigned page, unsigned index, unsigned child, uint64_t flags)
{
	shadowpage_clear(page, index);
	shadowpage_mark(&shadows[page], index);
	shadows[child].parent = (uint16_t)page;
	shadows[child].index = (uint16_t)index;
	shadows[child].parents++;
	set_entry(page, index, block_physical(shadow_entries(child)) | flags | PTE_P | PTE_A);
}

static void clear_all(unsigned page)
{
	const struct halves *first = shadow_entry(page, 0), *at, *end;
	unsigned groups = shadows[page].groups;

	if (shadows[page].part == TOP_GIB)
		groups &= ~(1u << HOLE_INDEX / GROUP);
	for (; groups; groups &= groups - 1) {
		at = first + (unsigned)__builtin_ctz(groups) * GROUP;
		for (end = at + GROUP; at < end; at++)
			if (at->low & PTE_P)
				shadowpage_clear(page, (unsigned)(at - first));
	}
}

/* No directory points to @child any more. */
static void unlink_parents(unsigned child)
{
	struct shadow *s = &shadows[child];
	unsigned page, index;

	if (s->parents && shadowpage_child(shadow_entries(s->parent)[s->index]) == child) {
		set_entry(s->parent, s->index, 0);
		s->parents--;
	}
	for (page = 1; s->parents; page++)
		for (index = 0; is_directory(shadows[page].kind) && index < ENTRIES; index++)
			if (shadowpage_child(shadow_entries(page)[index]) == child) {
				set_entry(page, index, 0);
				s->parents--;
			}
}

/* ---- pages ---- */

static void leave_hash(unsigned page)
{
	uint16_t *at = &shadow_hash[shadows[page].frame % SHADOW_HASHES];

	while (*at != page)
		at = &shadows[*at].next;
	*at = shadows[page].next;
}

static void leave_volatile(struct shadow *s)
{
	if (s->before)
		shadows[s->before].after = s->after;
	else
		volatile_first = s->after;
	if (s->after)
		shadows[s->after].before = s->before;
}

static void join_volatile(unsigned page)
{
	shadows[page].before = 0;
	shadows[page].after = (uint16_t)volatile_first;
	if (volatile_first)
		shadows[volatile_first].before = (uint16_t)page;
	volatile_first = page;
}

static void to_free(unsigned page)
{
	shadows[page].kind = SHADOW_FREE;
	shadows[page].next = (uint16_t)free_first;
	free_first = page;
}

/* Nothing points to it, and it points to nothing. */
static void release(unsigned page)
{
	struct shadow *s = &shadows[page];

	leave_hash(page);
	if (s->is_volatile)
		leave_volatile(s);
	if (s->twin) {
		shadows[s->twin].groups = s->groups;
		to_free(s->twin);
	}
	to_free(page);
	stale = true;
}

void shadowpage_drop(unsigned page)
{
	if (is_directory(shadows[page].kind)) {
		space_forget(page);
		clear_all(page);
	} else {
		unlink_parents(page);
	}
	release(page);
}

void shadowpage_drop_frame(uint32_t frame)
{
	unsigned page = shadow_hash[frame % SHADOW_HASHES], next;

	/* Dropping a directory drops tables of its own, of other frames' hashes or of this. */
	while (page) {
		next = shadows[page].next;
		if (shadows[page].frame == frame && shadows[page].kind != SHADOW_SPLIT) {
			shadowpage_drop(page);
			next = shadow_hash[frame % SHADOW_HASHES];
		}
		page = next;
	}
}

void shadowpage_drop_all(void)
{
	unsigned page;

	for (page = 1; page <= count; page++)
		if (is_directory(shadows[page].kind))
			shadowpage_drop(page);
	for (page = 1; page <= count; page++)
		if (shadows[page].kind != SHADOW_FREE && shadows[page].kind != SHADOW_TWIN)
			shadowpage_drop(page);
}

/*
 * A volatile directory has no children but its own, which are volatile too: they
 * all go at once.
 */
void shadowpage_drop_volatile(void)
{
	unsigned page;

	for (page = volatile_first; page; page = shadows[page].after) {
		struct shadow *s = &shadows[page];

		if (is_directory(s->kind))
			space_forget(page);
		else if (!shadows[s->parent].is_volatile)
			set_entry(s->parent, s->index, 0);
	}
	while (volatile_first)
		release(volatile_first);
}

/* The one that has not been used for longest, roughly. */
static void evict(void)
{
	for (;;) {
		struct shadow *s;

		hand = hand % count + 1;
		s = &shadows[hand];
		if (s->kind == SHADOW_FREE || s->kind == SHADOW_TWIN)
			continue;
		if (is_directory(s->kind) && space_uses(hand))
			continue;
		if (!s->used)
			break;
		s->used = false;
		shadow_marks_taken += is_directory(s->kind);
	}
	cpu->stats[STAT_EVICTED]++;
	shadowpage_drop(hand);
}

static void zero(void *at, unsigned words)
{
	__asm__ volatile("rep stosl" : "+D"(at), "+c"(words) : "a"(0) : "memory");
}

/* Zeroed only now: until shadowpage_settle() the processor may walk it. */
static unsigned take_free(void)
{
	unsigned page, groups;

	while (!free_first)
		evict();
	shadowpage_settle();
	page = free_first;
	free_first = shadows[page].next;
	for (groups = shadows[page].groups; groups; groups &= groups - 1)
		zero(&shadow_entries(page)[(unsigned)__builtin_ctz(groups) * GROUP], GROUP * 2);
	return page;
}

unsigned shadowpage_find(uint32_t frame, unsigned kind, unsigned part)
{
	unsigned page = shadow_hash[frame % SHADOW_HASHES];

	for (; page; page = shadows[page].next) {
		const struct shadow *s = &shadows[page];

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
	shadows[twin] = (struct shadow){ .kind = SHADOW_TWIN };
	return twin;
}

unsigned shadowpage_new(uint32_t frame, unsigned kind, unsigned part, bool is_volatile)
{
	bool top = is_directory(kind) && part == TOP_GIB;
	unsigned twin = top ? new_twin() : 0;
	unsigned page = take_free();

	shadows[page] = (struct shadow){
		.frame = frame, .kind = (uint8_t)kind, .part = (uint8_t)part, .used = true,
		.twin = (uint16_t)twin, .is_volatile = is_volatile,
		.owned = !is_directory(kind) && (is_volatile || kind == SHADOW_SPLIT),
		.next = shadow_hash[frame % SHADOW_HASHES],
	};
	shadow_hash[frame % SHADOW_HASHES] = (uint16_t)page;
	if (is_volatile)
		join_volatile(page);
	if (top)
		shadowpage_mark(&shadows[page], HOLE_INDEX);
	if (top && twin)
		hole_fill_pd3(shadow_entries(page), shadow_entries(twin));
	else if (top)
		hole_fill_pd3(NULL, shadow_entries(page));
	cpu->stats[STAT_SHADOW_BUILT]++;
	return page;
}

/* In POST: what is left of the block. */
void shadowpage_prepare(void)
{
	unsigned pages = pool_free_pages();
	unsigned records = (pages * sizeof(*shadows) + PAGE_SIZE - 1) / PAGE_SIZE;
	unsigned page;

	_Static_assert(HOLE_INDEX == ENTRIES - GROUP, "the hole is one group");
	shadows = pool_pages(records);
	count = pages - records;
	shadow_pool = (uint32_t)pool_pages(count) - PAGE_SIZE;
	shadow_pool_physical = block_physical(shadow_entries(0));
	for (page = count; page; page--)
		to_free(page);
}
