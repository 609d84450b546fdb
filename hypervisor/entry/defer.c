// SPDX-License-Identifier: GPL-2.0-only
/*
 * Deferred calls: the monitor empties the queue that the VMI layer fills
 * (vmi/defer.asm).  It holds addresses of page-table entries that the guest has changed,
 * one word each, and records of calls, two words each.  Whenever the monitor is entered
 * for something that may depend on the queue, all of it is done first, in order, except
 * that CR3 is loaded last.
 *
 * The guest can write to the queue's page.  So each word is read once, and a word can
 * ask for nothing that the guest could not ask for by a call.
 */
#include "cpu/cpu.h"
#include "entry/entry.h"
#include "vmi_abi.h"

#define TAG		3u		/* these bits of a word are 0 in an entry's address */
#define RECORD(call)	(VMI_CALL_##call << 2 | QUEUE_RECORD)
#define RECORD_CALL	0xffffu		/* the call, in a record's first word */

/*
 * The page table in which the last entry lay, and its shadow: the next entry is likely
 * to lie there too, and then costs a store.  Of a non-PAE table it is the half that one
 * PAE shadow table stands for.
 */
struct written {
	uint32_t start, size;	/* linear address and bytes; size 0: nothing is remembered */
	uint8_t *shadow;	/* its shadow's entries; NULL: it has no shadow */
	unsigned shift;		/* 1: entries of 4 bytes, and the shadow's have 8; else 0 */
};

/*
 * Remember in @w the table that holds the entry at @linear.  A page that is not simply
 * a page table is not remembered, but followed at once.  The guest wrote through the
 * shadows, so they know the frame; false: they have dropped it since, and all of them
 * have to be dropped (as shadow_follow() does).
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
 * Of several loads of CR3 only the last one shows.  A value that cannot be loaded (bad
 * PDPTEs) is dropped, and the one before it counts: the guest has gone on long ago, and
 * no fault would make sense to it now.  If none can, VMI_GetCR3 shows the old value again.
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
	if (l->count == 0 || shadow_load_cr3(l->last) ||
	    (l->count > 1 && shadow_load_cr3(l->before)))
		return;
	state_page()->cr3 = this_vcpu()->cr3;
}

/*
 * Do a record of any call but SetCR3.  Returns what descriptors_settle() has to do at
 * the end.  WriteGDTEntry is the most frequent, so it is asked for first.
 */
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

/* The guest has changed the entry at @linear, in the table of @w: drop the shadow's entry. */
static INLINE void clear_shadow(const struct written *w, uint32_t linear)
{
	if (w->shadow)
		*(volatile uint32_t *)(w->shadow + ((linear - w->start) << w->shift & ~7u)) = 0;
}

/* The same for an entry in another table, which is remembered from now on. */
static NOINLINE bool clear_elsewhere(struct written *w, uint32_t linear)
{
	if (!find_places(w, linear))
		return false;
	if (w->size)
		clear_shadow(w, linear);
	return true;
}

/*
 * CR3 is loaded last: while the queue was filled the processor was still in the old
 * address space, so all addresses in it belong to that one.  However the guest has
 * filled the queue, each word is looked at once, and all shadows are dropped at most once.
 */
static NOINLINE void flush_many(unsigned size)
{
	const volatile uint32_t *queue = (const volatile uint32_t *)HOLE_QUEUE;
	const volatile uint32_t *end;
	struct written w = { .size = 0 };
	struct loads loads = { .count = 0 };
	unsigned changes = 0;
	bool lost = false;

	/* The guest may have written any size.  A record's second word is still in the page. */
	end = queue + size % PAGE_SIZE / 4;
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
		w.size = 0;	/* a record may read guest memory, and that may change shadows */
	}
	if (lost)
		shadow_reset();
	load_cr3(&loads);
	if (changes)
		descriptors_settle(changes);
}

/* Most often the queue holds a single entry: a fast path for that. */
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
