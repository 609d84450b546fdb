// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps the shadows in step with the guest's page tables: drops what was made from an
 * entry that the guest has changed by a call, in every shadow of that table, and what
 * the guest has invalidated by INVLPG.  Read after shadow.c; entry/call_mmu.c and
 * entry/defer.c are the callers.
 */
#include "mmu/shadow.h"

/* Does directory entry @pde point to a page table? */
static INLINE bool has_page_table(struct halves pde)
{
	return (pde.low & (PTE_P | PTE_PS)) == PTE_P;
}

/*
 * shadow_translate() for a @linear that is known to be below the hole.  It looks at the
 * shadows, not at the guest's tables.
 */
static INLINE bool translate(uint32_t linear, uint32_t *frame)
{
	unsigned directory = this_vcpu()->space->directory[linear >> 30], rest = 0;
	struct halves e;

	if (!directory)
		return false;
	e = *shadow_entry(directory, linear / LARGE);
	if (has_page_table(e))
		e = *shadow_entry(shadow_table(e), linear / PAGE_SIZE);
	else
		rest = linear / PAGE_SIZE % ENTRIES;
	*frame = frame_of(e) + rest;
	return e.low & PTE_P;
}

bool shadow_translate(uint32_t linear, uint32_t *frame)
{
	return linear < HOLE_BASE && translate(linear, frame);
}

/* ---- entries ---- */

/*
 * Dword @word of a guest directory that @page shadows has changed.  What the entry
 * mapped may have been a large page, and the TLB may hold several parts of it, so
 * INVLPG is not enough.
 */
static NOINLINE void directory_written(unsigned page, unsigned word)
{
	const struct shadow *s = &mmu.shadows[page];

	if (s->kind == SHADOW_DIRECTORY64) {
		shadowpage_clear(page, word / 2);
	} else if (s->kind == SHADOW_DIRECTORY32 && word / 256 == s->part) {
		shadowpage_clear(page, word % 256 * 2);
		shadowpage_clear(page, word % 256 * 2 + 1);
	} else {
		return;
	}
	reload_cr3();
}

/* shadow_written(), to be inlined: one frame may be shadowed by several pages. */
static INLINE void drop_entry(uint32_t frame, uint32_t offset)
{
	unsigned page, word = offset / 4;
	const struct shadow *s;

	for (page = mmu.hash[frame % SHADOW_HASHES]; page; page = s->next) {
		s = &mmu.shadows[page];
		if (s->frame != frame)
			continue;
		if (s->kind == SHADOW_TABLE32) {
			if (word / ENTRIES == s->part)
				shadow_entry(page, word)->low = 0;
		} else if (s->kind == SHADOW_TABLE64) {
			shadow_entry(page, word / 2)->low = 0;
		} else {
			directory_written(page, word);
		}
	}
}

void shadow_written(uint32_t frame, unsigned offset)
{
	drop_entry(frame, offset);
}

/*
 * The guest wrote through the shadows, so they know which frame is at @linear.  If
 * they have dropped that mapping since, the frame is unknown, and all shadows go.
 */
void shadow_follow(uint32_t linear)
{
	uint32_t frame;

	if (linear >= HOLE_BASE)
		return;
	if (translate(linear, &frame))
		drop_entry(frame, linear % PAGE_SIZE);
	else
		shadow_reset();
}

/*
 * It is simple if all shadows of the table are page tables for entries of one size,
 * at most one for each part: then a write to an entry clears a shadow entry at a
 * place that can be computed.
 */
void shadow_places(uint32_t frame, struct shadow_places *p)
{
	unsigned page;

	*p = (struct shadow_places){ .size = 4 };
	for (page = mmu.hash[frame % SHADOW_HASHES]; page; page = mmu.shadows[page].next) {
		const struct shadow *s = &mmu.shadows[page];

		if (s->frame != frame || s->kind == SHADOW_SPLIT)
			continue;
		p->size = s->kind == SHADOW_TABLE32 ? 4 : 8;
		if (s->kind > SHADOW_TABLE64 || p->half[s->part]) {
			p->size = 0;
			return;
		}
		p->half[s->part] = shadow_entries(page);
	}
}

/* ---- INVLPG ---- */

/*
 * After INVLPG of a page in an announced table, fill the shadow entry again at once
 * if the guest's entry has A set: that saves the page fault which would else follow,
 * and a TLB could hold the entry, too.
 */
static INLINE void refresh(struct shadow *s, struct halves *entry, uint32_t index,
			   const unsigned size)
{
	const uint32_t *at = guest_entry(s->frame, index, size);

	if (!at)
		return;
	shadow_mark(s, index % ENTRIES);
	shadow_offer(entry, read_halves(at, size), size);
}

/*
 * An ordinary page has one shadow entry here; a large page, or the parts of a split one,
 * may have many, and need more.
 */
void shadow_flush_page(uint32_t linear)
{
	unsigned directory, index = linear / PAGE_SIZE;
	struct halves pde, *entry;
	struct shadow *s;

	if (linear >= HOLE_BASE)
		return;
	directory = this_vcpu()->space->directory[linear >> 30];
	if (!directory) {
		shadowpage_flush_stale();	/* it has been dropped, perhaps */
		return;
	}
	pde = *shadow_entry(directory, linear / LARGE);
	s = &mmu.shadows[shadow_table(pde)];
	if (has_page_table(pde) && s->kind != SHADOW_SPLIT) {
		entry = shadow_entry(shadow_table(pde), index);
		entry->low = 0;
		if (!s->is_volatile && s->kind == SHADOW_TABLE32)
			refresh(s, entry, index, 4);
		else if (!s->is_volatile)
			refresh(s, entry, index, 8);
	} else {
		shadow_flush_large(directory, linear);
	}
	invlpg(linear);
}
