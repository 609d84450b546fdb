// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fills shadow entries on demand, from walks of the guest's own page tables.  This is
 * the slow path, for all cases; refill.c is the fast one for the common case.
 *
 * While CR0.WP is clear, the last entry gets the rights of the whole path and the
 * entries above it allow everything.  A shadow page made so is right for one place in
 * one directory only, so it cannot be shared, and all of them are volatile.
 */
#include "mmu/shadow.h"

void shadow_reset(void)
{
	this_vcpu()->stats[STAT_SHADOW_RESET]++;
	paging_update();
	shadowpage_drop_all();
	space_enter();
}

/* ---- filling ---- */

/*
 * The bits PTE_U and PTE_W of a shadow entry.  @rights are the guest's, @entry is its
 * last entry.  A page that is not dirty is mapped read-only, so that the first write
 * faults and D can be set.  The first case is a write to a read-only page, which only
 * a supervisor may make, with CR0.WP clear: the page becomes the supervisor's alone
 * until ring 3 uses it again.
 */
static inline uint32_t fill_rights(uint32_t rights, uint32_t entry, unsigned access)
{
	if (!(rights & PTE_W))
		return access & ACCESS_WRITE ? PTE_W : rights & PTE_U;
	return entry & PTE_D ? rights & (PTE_U | PTE_W) : rights & PTE_U;
}

/* Does entry @index map a large page, or point to a split one? */
static bool maps_large(unsigned directory, unsigned index)
{
	uint64_t entry = shadow_entries(directory)[index];
	unsigned table = shadow_child(entry);

	return (entry & PTE_P) && (!table || mmu.shadows[table].kind == SHADOW_SPLIT);
}

/*
 * Clear entry @index, which is about to map a large page (@large) or to point to a page
 * table.  With 32-bit paging one guest directory entry has a pair of shadow entries;
 * the other one is cleared too if it is of the other kind, so that INVLPG can tell
 * from either what the guest's entry was.
 */
static void clear_pair(unsigned directory, unsigned index, bool large)
{
	const uint64_t *entries = shadow_entries(directory);
	bool other = this_vcpu()->space->mode == SPACE_32 && (entries[index ^ 1] & PTE_P) &&
		     maps_large(directory, index ^ 1) != large;

	if (!other && !(entries[index] & PTE_P))
		return;
	shadowpage_clear(directory, index);
	if (other)
		shadowpage_clear(directory, index ^ 1);
	reload_cr3();
}

/* Make entry @index of @directory point to a shadow of the guest's page table @t->table. */
static unsigned open_table(unsigned directory, unsigned index, const struct translation *t,
			   unsigned kind, unsigned part, uint64_t flags)
{
	bool shared = !mmu.shadows[directory].is_volatile && table_announced(t->table);
	unsigned table = 0;

	clear_pair(directory, index, false);
	if (shared)
		table = shadowpage_find(t->table, kind, part);
	if (!table)
		table = shadowpage_new(t->table, kind, part, !shared);
	shadowpage_link(directory, index, table, flags);
	return table;
}

/* The shadow page table under entry @index; in the common case it is there already. */
static inline unsigned find_table(unsigned directory, unsigned index, const struct translation *t,
				  bool all_rights)
{
	const struct space *space = this_vcpu()->space;
	unsigned kind = space->table_kind, part = index & space->halves;
	uint64_t flags = all_rights ? PTE_W | PTE_U : t->pde & (PTE_W | PTE_U | PTE_NX);
	uint64_t entry = shadow_entries(directory)[index];
	unsigned table = shadow_child(entry);
	const struct shadow *s = &mmu.shadows[table];

	if (table && s->frame == t->table && s->kind == kind && s->part == part &&
	    !((entry ^ flags) & (PTE_W | PTE_U | PTE_NX)))
		return table;
	return open_table(directory, index, t, kind, part, flags);
}

/*
 * The page table under entry @index whose entries are the 4 KiB parts of a large guest
 * page, which begins at @frame.
 */
static unsigned open_split(unsigned directory, unsigned index, uint32_t frame)
{
	unsigned table = shadow_child(shadow_entries(directory)[index]);

	if (table && mmu.shadows[table].kind == SHADOW_SPLIT && mmu.shadows[table].frame == frame)
		return table;
	clear_pair(directory, index, true);
	table = shadowpage_new(frame, SHADOW_SPLIT, 0, mmu.shadows[directory].is_volatile);
	shadowpage_link(directory, index, table, PTE_W | PTE_U);
	return table;
}

/* Map 2 MiB of a large guest page by one entry, unless a frame in there is not plain. */
static bool fill_large(unsigned directory, unsigned index, const struct translation *t,
		       uint64_t flags)
{
	uint64_t old = shadow_entries(directory)[index];
	uint64_t base = t->physical & ~(uint64_t)(LARGE - 1);

	if ((old & (PTE_P | PTE_PS)) != (PTE_P | PTE_PS) || (old & PTE_FRAME) != base) {
		if (!frames_are_plain((uint32_t)(base >> 12), ENTRIES))
			return false;
		clear_pair(directory, index, true);
	}
	shadowpage_set(directory, index, base | flags | PTE_PS);
	return true;
}

/* Make the shadow entry, and what is missing above it, for a frame that is not closed. */
static void fill_entry(uint32_t linear, const struct translation *t, unsigned access, bool watched)
{
	unsigned gib = linear >> 30, index = linear / LARGE % ENTRIES, table;
	unsigned directory = this_vcpu()->space->directory[gib];
	bool path = t->large || space_combines_rights();
	uint32_t low = (uint32_t)t->entry, high = (uint32_t)(t->entry >> 32) & NX_HIGH;
	uint32_t frame = (uint32_t)(t->physical >> 12);
	uint64_t *at;

	if (!directory)
		directory = space_open_directory(gib);
	if (path)
		high = t->nx ? NX_HIGH : 0;
	low = fill_rights(path ? t->rights : low, low, access) | (low & PTE_CACHE) |
	      PTE_P | PTE_A | PTE_D;
	if (!t->large) {
		table = find_table(directory, index, t, path);
	} else {
		if (fill_large(directory, index, t, (uint64_t)high << 32 | low))
			return;
		table = open_split(directory, index, frame / ENTRIES * ENTRIES);
	}
	mmu.shadows[table].used = true;
	index = linear / PAGE_SIZE % ENTRIES;
	shadow_mark(&mmu.shadows[table], index);
	at = &shadow_entries(table)[index];
	if (watched)
		low &= ~PTE_W;
	shadow_write(at, frame << 12 | low, high | frame >> 20);
}

bool shadow_fill(uint32_t linear, const struct translation *t, unsigned access)
{
	uint32_t frame = (uint32_t)(t->physical >> 12);
	bool watched = frame_is_watched(frame) || frame_is_rom(frame);

	if (frame_is_closed(frame) || (watched && (access & ACCESS_WRITE)))
		return false;
	this_vcpu()->stats[STAT_HIDDEN_FAULT]++;
	fill_entry(linear, t, access, watched);
	invlpg(linear);
	return true;
}

/* ---- INVLPG ---- */

/*
 * If entry @index maps a large page, clear it.  If that was split, the TLB may hold
 * many of its parts, so all of the TLB is flushed.
 */
static void flush_large(unsigned directory, unsigned index)
{
	bool parts = shadow_child(shadow_entries(directory)[index]) != 0;

	if (!maps_large(directory, index))
		return;
	shadowpage_clear(directory, index);
	if (parts)
		reload_cr3();
}

/*
 * A guest page of 4 MiB takes two entries of a directory.  If one of them points to an
 * ordinary page table, the other is not part of a large page: see clear_pair().
 */
void shadow_flush_large(unsigned directory, uint32_t linear)
{
	unsigned index = linear / LARGE % ENTRIES;

	flush_large(directory, index);
	if (this_vcpu()->space->mode == SPACE_32)
		flush_large(directory, index ^ 1);
	invlpg(linear ^ LARGE);
}

/* ---- start ---- */

/* Called in POST, when all memory is allocated. */
void shadow_prepare(void)
{
	frames_prepare(boot.vcpu);
	walk_prepare();
	space_prepare();
	tables_prepare();
	shadowpage_prepare();
}

/* Called in VMI_Init: from here on the processor uses the shadows. */
void shadow_start(void)
{
	paging_update();
	space_enter();
}
