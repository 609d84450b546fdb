// SPDX-License-Identifier: GPL-2.0-only
/*
 * Links between shadow pages: entries of directories point to page tables, and slots
 * of spaces point to directories.  All links are made and cut in this file, and each
 * page counts the links that point to it (parents).
 *
 * When a page is dropped all links to it must be found.  Most pages have one; where it
 * is (parent, index) is remembered, as a hint that is checked before use.  If more are
 * counted, all directories, or all spaces, are searched until none is left.
 */
#include "mmu/shadow.h"

/* Directories: a guest may have linked one table into as many as the pool has. */
#ifndef LOOK_THROUGH	/* tests on the host have fewer directories, and so a smaller one */
#define LOOK_THROUGH	32u
#endif

struct mmu mmu;

/* ---- directories to page tables ---- */

/* Write a directory entry, and the same to the twin that the monitor runs on. */
static void set_entry(unsigned directory, unsigned index, uint64_t entry)
{
	unsigned twin = mmu.shadows[directory].twin;
	uint32_t low = (uint32_t)entry, high = (uint32_t)(entry >> 32);

	shadow_write(&shadow_entries(directory)[index], low, high);
	if (twin)
		shadow_write(&shadow_entries(twin)[index], low, high);
}

static void count_down(unsigned page)
{
	BUG_ON(mmu.shadows[page].parents == 0);
	mmu.shadows[page].parents--;
}

void link_table(unsigned directory, unsigned index, unsigned table, uint64_t flags)
{
	struct shadow *s = &mmu.shadows[table];

	shadow_mark(&mmu.shadows[directory], index);
	s->parent = (uint16_t)directory;
	s->index = (uint16_t)index;
	s->parents++;
	set_entry(directory, index, shadow_physical(table) | flags | PTE_P | PTE_A);
}

void link_large(unsigned directory, unsigned index, uint64_t entry)
{
	shadow_mark(&mmu.shadows[directory], index);
	set_entry(directory, index, entry);
}

/* The hole's entries are no links: they stay. */
unsigned link_cut(unsigned directory, unsigned index)
{
	uint64_t entry = shadow_entries(directory)[index];
	unsigned table;

	if (!(entry & PTE_P) || (mmu.shadows[directory].part == TOP_GIB && index >= HOLE_INDEX))
		return 0;
	set_entry(directory, index, 0);
	table = shadow_child(entry);
	if (!table)
		return 0;
	count_down(table);
	return mmu.shadows[table].owned ? table : 0;
}

/*
 * Does entry @index of @directory point to @table?  The hint may be stale: a page that
 * is no longer a directory points to nothing, whatever it still contains.
 */
static bool points_to(unsigned directory, unsigned index, unsigned table)
{
	uint64_t entry = shadow_entries(directory)[index];

	return shadow_is_directory(mmu.shadows[directory].kind) &&
	       (entry & (PTE_FRAME | PTE_P | PTE_PS)) == (shadow_physical(table) | PTE_P);
}

/* Cut the link there, if there is one. */
static void cut_from(unsigned directory, unsigned index, unsigned table)
{
	if (!points_to(directory, index, table))
		return;
	set_entry(directory, index, 0);
	count_down(table);
}

/* Clear every entry of @directory that points to @table; unused groups have none. */
static void cut_from_all(unsigned directory, unsigned table)
{
	unsigned groups = mmu.shadows[directory].groups, index, end;

	for (; groups; groups &= groups - 1) {
		index = (unsigned)__builtin_ctz(groups) * GROUP;
		for (end = index + GROUP; index < end; index++)
			cut_from(directory, index, table);
	}
}

/* First where the hint says; then, while links are left, wherever they may be. */
bool link_cut_table(unsigned table)
{
	const struct shadow *s = &mmu.shadows[table];
	unsigned page, looked_through = 0;

	if (s->parents)
		cut_from(s->parent, s->index, table);
	for (page = 1; s->parents; page++) {
		BUG_ON(page > mmu.count);
		if (!shadow_is_directory(mmu.shadows[page].kind))
			continue;
		if (looked_through++ == LOOK_THROUGH)
			return false;
		cut_from_all(page, table);
	}
	return true;
}

/* ---- spaces to directories ---- */

static uint64_t pdpte_of(unsigned directory)
{
	return shadow_physical(directory) | PTE_P;
}

/*
 * The PDPTE of the fourth GiB is always present, for the hole: without a directory it
 * points to a bare one.  In paged mode guest and monitor use different directories.
 */
static void set_top_slot(struct space *s, unsigned directory)
{
	const struct vcpu *v = this_vcpu();
	unsigned twin = mmu.shadows[directory].twin;

	s->pdpt[TOP_GIB] = directory ? pdpte_of(directory) : v->bare_directory;
	if (!directory)
		s->monitor_pdpt[TOP_GIB] = v->bare_monitor;
	else
		s->monitor_pdpt[TOP_GIB] = pdpte_of(twin ? twin : directory);
}

/* Page 0 stands for "no directory": its parents are not counted. */
void link_directory(struct space *s, unsigned gib, unsigned directory)
{
	if (s->directory[gib])
		count_down(s->directory[gib]);
	if (directory) {
		mmu.shadows[directory].parents++;
		mmu.shadows[directory].parent = (uint16_t)(s - mmu.spaces);
		mmu.shadows[directory].used = true;
	}
	s->directory[gib] = (uint16_t)directory;
	if (gib == TOP_GIB)
		set_top_slot(s, directory);
	else
		s->pdpt[gib] = s->monitor_pdpt[gib] = directory ? pdpte_of(directory) : 0;
}

void link_forget_all(void)
{
	struct space *s;
	unsigned gib;

	for (s = mmu.spaces; s < mmu.spaces + mmu.space_count; s++)
		for (gib = 0; gib < GIBS; gib++)
			if (s->directory[gib])
				link_directory(s, gib, 0);
}

static void cut_from_space(struct space *s, unsigned directory)
{
	unsigned gib;

	for (gib = 0; gib < GIBS; gib++)
		if (s->directory[gib] == directory)
			link_directory(s, gib, 0);
}

void link_cut_directory(unsigned directory)
{
	const struct shadow *d = &mmu.shadows[directory];
	struct space *s;

	cut_from_space(&mmu.spaces[d->parent], directory);
	for (s = mmu.spaces; d->parents; s++) {
		BUG_ON(s == mmu.spaces + mmu.space_count);
		cut_from_space(s, directory);
	}
}
