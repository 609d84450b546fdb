// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shadows follow the guest's page tables: entries that a call has changed, in
 * whatever shadows they are, and pages that the guest has invalidated.
 */
#include "mmu/shadow.h"

static INLINE bool is_table(struct halves pde)
{
	return (pde.low & (PTE_P | PTE_PS)) == PTE_P;
}

/* @linear is below the hole. */
static INLINE bool translate(uint32_t linear, uint32_t *frame)
{
	unsigned directory = this_vcpu()->space->directory[linear >> 30], rest = 0;
	struct halves e;

	if (!directory)
		return false;
	e = *shadow_entry(directory, linear / LARGE);
	if (is_table(e))
		e = *shadow_entry(shadow_table(e), linear / PAGE_SIZE);
	else
		rest = linear / PAGE_SIZE % ENTRIES;
	*frame = frame_of(e) + rest;
	return e.low & PTE_P;
}

/* The frame that the processor has at @linear now; false: it has none. */
bool shadow_translate(uint32_t linear, uint32_t *frame)
{
	return linear < HOLE_BASE && translate(linear, frame);
}

/* ---- entries ---- */

/* It may have been a large page, of which the TLB knows several parts. */
static __attribute__((noinline)) void directory_written(unsigned page, unsigned word)
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

static INLINE void written(uint32_t frame, uint32_t offset)
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

/*
 * The guest has written at @offset of page @frame, by a call: what was made
 * from the entry there goes, and is made anew when it is used.
 */
void shadow_written(uint32_t frame, unsigned offset)
{
	written(frame, offset);
}

/*
 * The same at @linear.  The guest wrote through the shadows, so they know the
 * frame; if they have dropped it since, nothing less than all will do.
 */
void shadow_follow(uint32_t linear)
{
	uint32_t frame;

	if (linear >= HOLE_BASE)
		return;
	if (translate(linear, &frame))
		written(frame, linear % PAGE_SIZE);
	else
		shadow_reset();
}

/* For many writes to one page: see shadow_written(). */
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
 * Of an announced table the entry becomes at once what the guest's is, if the
 * access that would else ask for it changed nothing there.
 */
static INLINE void refresh(struct shadow *s, struct halves *entry, uint32_t index, const unsigned size)
{
	const uint32_t *at = seen(s->frame, index, size);

	if (!at)
		return;
	shadow_mark(s, index % ENTRIES);
	shadow_offer(entry, read_halves(at, size), size);
}

/* What the guest has queued is done already. */
void shadow_flush_page(uint32_t linear)
{
	unsigned directory, index = linear / PAGE_SIZE;
	struct halves pde, *entry;
	struct shadow *s;

	if (linear >= HOLE_BASE)
		return;
	directory = this_vcpu()->space->directory[linear >> 30];
	if (!directory) {
		shadowpage_settle();	/* it has been dropped, perhaps */
		return;
	}
	pde = *shadow_entry(directory, linear / LARGE);
	s = &mmu.shadows[shadow_table(pde)];
	if (is_table(pde) && s->kind != SHADOW_SPLIT) {
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
