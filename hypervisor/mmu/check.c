// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks all invariants of the shadows, in builds with assertions only (make
 * check-build, and the tests on the host).  Where paging keeps a guest out of the
 * monitor's memory, it does so because these hold:
 *
 *  1. A page of the pool is free and on the free list; or it is the twin of exactly
 *     one directory for the fourth GiB; or it shadows a table and is in the hash chain
 *     of that table's frame.
 *  2. An entry of a directory in use that is present and does not map a large page
 *     points to a page table in use; an entry of a PDPT points to a directory in use.
 *  3. The count "parents" of a page is the number of directory entries, or of slots of
 *     spaces, that point to it.  So a page that anything points to is never free.
 *  4. A page table that is owned by its parent has exactly one, which is where
 *     "parent" and "index" say.
 *  5. No entry maps a closed frame for the guest, and watched frames are mapped
 *     read-only.
 *  6. A twin has the same entries below the hole as its directory.
 *  7. The volatile pages are just those on the volatile list.  All other pages shadow
 *     announced tables, except flat directories and split pages.
 *  8. Entries outside the groups that a page is marked to use are zero.
 */
#ifdef VMI_CHECK
#include "mmu/shadow.h"

static bool is_page_table(unsigned page)
{
	return page >= 1 && page <= mmu.count && mmu.shadows[page].kind >= SHADOW_TABLE32 &&
	       mmu.shadows[page].kind <= SHADOW_SPLIT;
}

static bool is_directory(unsigned page)
{
	return page >= 1 && page <= mmu.count && shadow_is_directory(mmu.shadows[page].kind);
}

/* ---- lists: 1, 7 ---- */

static unsigned length_of_free_list(void)
{
	unsigned page, n = 0;

	for (page = mmu.free_first; page; page = mmu.shadows[page].next, n++) {
		ASSERT(n < mmu.count);
		ASSERT(mmu.shadows[page].kind == SHADOW_FREE);
	}
	return n;
}

static unsigned length_of_volatile_list(void)
{
	unsigned page, before = 0, n = 0;

	for (page = mmu.volatile_first; page; page = mmu.shadows[page].after, n++) {
		ASSERT(n < mmu.count);
		ASSERT(mmu.shadows[page].is_volatile);
		ASSERT(is_page_table(page) || is_directory(page));
		ASSERT(mmu.shadows[page].before == before);
		before = page;
	}
	return n;
}

static unsigned pages_in_hash(void)
{
	unsigned hash, page, n = 0;

	for (hash = 0; hash < SHADOW_HASHES; hash++)
		for (page = mmu.hash[hash]; page; page = mmu.shadows[page].next, n++) {
			ASSERT(n < mmu.count);
			ASSERT(is_page_table(page) || is_directory(page));
			ASSERT(mmu.shadows[page].frame % SHADOW_HASHES == hash);
		}
	return n;
}

static void check_lists(void)
{
	unsigned page, free = 0, twins = 0, used = 0, volatiles = 0;

	for (page = 1; page <= mmu.count; page++) {
		const struct shadow *s = &mmu.shadows[page];

		free += s->kind == SHADOW_FREE;
		twins += s->kind == SHADOW_TWIN;
		if (!is_page_table(page) && !is_directory(page))
			continue;
		used++;
		volatiles += s->is_volatile;
		ASSERT(s->is_volatile || s->kind == SHADOW_FLAT || s->kind == SHADOW_SPLIT ||
		       table_announced(s->frame));
		if (s->twin) {
			ASSERT(mmu.shadows[s->twin].kind == SHADOW_TWIN && s->part == TOP_GIB);
			twins--;
		}
	}
	ASSERT(free == length_of_free_list());
	ASSERT(used == pages_in_hash());
	ASSERT(volatiles == length_of_volatile_list());
	ASSERT(twins == 0);
}

/* ---- links: 2, 3, 4, 6 ---- */

/* Entry @entry maps @frames frames for the guest: may it map all of them? */
static void check_mapping(uint64_t entry, unsigned frames)
{
	uint32_t frame = (uint32_t)((entry & PTE_FRAME) >> 12);
	unsigned i;

	for (i = 0; i < frames; i++) {
		ASSERT(!frame_is_monitor(frame + i) && !frame_is_closed(frame + i));
		ASSERT(!frame_is_watched(frame + i) || !(entry & PTE_W));
	}
}

static void check_directory_entry(unsigned page, unsigned index, uint64_t entry)
{
	unsigned table = shadow_child(entry);

	if (entry & PTE_PS) {
		check_mapping(entry & ~(uint64_t)(LARGE - 1), ENTRIES);
		return;
	}
	ASSERT(is_page_table(table));
	ASSERT((entry & PTE_FRAME) == shadow_physical(table));
	mmu.shadows[table].counted++;
	if (mmu.shadows[table].owned)
		ASSERT(mmu.shadows[table].parent == page && mmu.shadows[table].index == index);
}

static void check_directory(unsigned page)
{
	const struct shadow *s = &mmu.shadows[page];
	unsigned index, end = s->part == TOP_GIB ? HOLE_INDEX : ENTRIES;
	const uint64_t *entries = shadow_entries(page);

	for (index = 0; index < end; index++) {
		ASSERT(!entries[index] || (s->groups >> index / GROUP & 1));
		if (entries[index] & PTE_P)
			check_directory_entry(page, index, entries[index]);
		ASSERT(!s->twin || shadow_entries(s->twin)[index] == entries[index]);
	}
}

static void check_table(unsigned page)
{
	const struct shadow *s = &mmu.shadows[page];
	const uint64_t *entries = shadow_entries(page);
	unsigned index;

	for (index = 0; index < ENTRIES; index++) {
		ASSERT(!entries[index] || (s->groups >> index / GROUP & 1));
		if (entries[index] & PTE_P)
			check_mapping(entries[index], 1);
	}
}

static void check_space(const struct space *s)
{
	unsigned gib, directory;

	for (gib = 0; gib < GIBS; gib++) {
		directory = s->directory[gib];
		if (!directory) {
			ASSERT(gib == TOP_GIB || !s->pdpt[gib]);
			continue;
		}
		ASSERT(is_directory(directory));
		ASSERT((s->pdpt[gib] & PTE_FRAME) == shadow_physical(directory));
		mmu.shadows[directory].counted++;
	}
}

/* After all links were counted: are the counts of parents right? */
static void check_counts(void)
{
	unsigned page;

	for (page = 1; page <= mmu.count; page++) {
		const struct shadow *s = &mmu.shadows[page];

		if (!is_page_table(page) && !is_directory(page))
			ASSERT(s->counted == 0);
		else
			ASSERT(s->counted == s->parents);
		ASSERT(!s->owned || !is_page_table(page) || s->parents == 1);
	}
}

void mmu_check(void)
{
	unsigned page;
	const struct space *s;

	check_lists();
	for (page = 1; page <= mmu.count; page++)
		mmu.shadows[page].counted = 0;
	for (s = mmu.spaces; s < mmu.spaces + mmu.space_count; s++)
		if (s->mode != SPACE_NONE)
			check_space(s);
	for (page = 1; page <= mmu.count; page++)
		if (is_directory(page))
			check_directory(page);
		else if (is_page_table(page))
			check_table(page);
	check_counts();
}
#endif
