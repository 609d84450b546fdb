// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue of what the guest has put off (vmi/defer.asm fills it): addresses of
 * page-table entries that have changed, and records of calls.  All of it is done
 * in order, CR3 loaded last, at whatever asks for a part of it.  The queue lies in memory of the
 * guest's: each word is read once and believed only as the guest's wish.
 */
#include "cpu/cpu.h"
#include "entry/entry.h"
#include "vmi_abi.h"

#define TAG		3u
#define RECORD(call)	(VMI_CALL_##call << 2 | QUEUE_RECORD)
#define RECORD_CALL	0xffffu		/* of a record's first word */

/* The page table, or half of one, where the last entry was. */
struct written {
	uint32_t start, size;	/* linear; of 0 bytes: none */
	uint8_t *shadow;	/* NULL: it has none */
	unsigned shift;		/* from the guest's entries to 8 bytes each */
};

/*
 * Which shadows follow the table at @linear (see shadow_follow()); false: they have lost it,
 * and all are to be dropped.  A page that is not simply a page table is not remembered.
 */
static bool find_places(struct written *w, uint32_t linear)
{
	struct shadow_places places;
	uint32_t frame;

	w->size = 0;
	if (linear >= HOLE_BASE)
		return true;
	if (!shadow_translate(linear, &frame))
		return false;
	shadow_places(frame, &places);
	if (!places.size) {
		shadow_written(frame, linear % PAGE_SIZE);
		return true;
	}
	w->shift = places.size == 4;
	w->size = PAGE_SIZE >> w->shift;
	w->start = linear & -w->size;
	w->shadow = (uint8_t *)places.half[linear % PAGE_SIZE / w->size];
	return true;
}

/*
 * Of several loads of CR3 only the last one shows, but for one that cannot be done: that
 * is dropped, since there is nobody to tell, and the one before it counts.
 */
struct loads {
	unsigned count;
	uint32_t last, before;
};

static void note_load(struct loads *l, uint32_t value)
{
	l->before = l->last;
	l->last = value;
	l->count++;
}

static void load_cr3(const struct loads *l)
{
	if (l->count == 0 || shadow_load_cr3(l->last) || (l->count > 1 && shadow_load_cr3(l->before)))
		return;
	state_page()->cr3 = this_vcpu()->cr3;
}

/* Any other record.  What is left for descriptors_settle(). */
static inline unsigned do_record(uint32_t word, uint32_t argument)
{
	if (word == RECORD(WriteGDTEntry))
		return segment_entry_changed(argument);
	switch (word & RECORD_CALL) {
	case RECORD(WriteLDTEntry):
		return segment_entry_changed(argument);
	case RECORD(UpdateKernelStack):
		direct_stack(word >> 16, argument);
		break;
	case RECORD(WriteIDTEntry):
		direct_written(argument);
		break;
	}
	return 0;
}

/* The entry at @linear, in the table that is remembered, has changed. */
static INLINE void clear_shadow(const struct written *w, uint32_t linear)
{
	if (w->shadow)
		*(volatile uint32_t *)(w->shadow + ((linear - w->start) << w->shift & ~7u)) = 0;
}

/* In another one: that is remembered from now on. */
static NOINLINE bool clear_elsewhere(struct written *w, uint32_t linear)
{
	if (!find_places(w, linear))
		return false;
	if (w->size)
		clear_shadow(w, linear);
	return true;
}

/*
 * All of the queue was written in the space that the guest is in, whatever SetCR3 stands
 * before it: so all is done there, and CR3 is loaded last.  However the guest has filled
 * the queue, each word is looked at once, and all shadows are dropped at most once.
 */
static NOINLINE void flush_many(unsigned size)
{
	const volatile uint32_t *queue = (const volatile uint32_t *)HOLE_QUEUE;
	const volatile uint32_t *end;
	struct written w = { .size = 0 };
	struct loads loads = { .count = 0 };
	unsigned changes = 0;
	bool lost = false;

	end = queue + size % PAGE_SIZE / 4;	/* the second word of a record before it is in the page */
	while (queue < end) {
		uint32_t word = queue[0], argument = queue[1];

		if (!(word & TAG)) {
			queue++;
			if (word - w.start < w.size)
				clear_shadow(&w, word);
			else if (!lost)
				lost = !clear_elsewhere(&w, word);
			continue;
		}
		queue += 2;
		if (word == RECORD(SetCR3))
			note_load(&loads, argument);
		else
			changes |= do_record(word, argument);
		w.size = 0;	/* guest memory was read, and mapped perhaps */
	}
	if (lost)
		shadow_reset();
	load_cr3(&loads);
	if (changes)
		descriptors_settle(changes);
}

/* One entry is the common case: a short way for it. */
void defer_flush_all(void)
{
	uint32_t size = state_page()->queue_head, word = *(const volatile uint32_t *)HOLE_QUEUE;

	state_page()->queue_head = 0;
	this_vcpu()->stats[STAT_QUEUE_FLUSH]++;
	if (size == 4 && !(word & TAG))
		shadow_follow(word);
	else
		flush_many(size);
}
