// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watched descriptor tables.  The processor uses shadow descriptors, which must follow
 * the guest's own.  A guest that was not ported changes them by plain stores.  So
 * until the guest makes its first call for the GDT, the pages of the loaded GDT are
 * mapped read-only, and stores there are emulated, after which the shadow descriptors
 * are updated (cpu/guestwrite.c; docs/architecture.md).  The same goes for the LDT.
 * The IDT and the TSS need no watch: the monitor reads them whenever it needs them.
 */
#include "mmu/mmu.h"

/* Compute a range that has all watched frames, so that most others are told at once. */
static void set_range(void)
{
	struct vcpu *v = this_vcpu();
	uint32_t first = 0xffffffffu, last = 0;
	const struct watch *w;
	unsigned i;

	for (w = v->watch; w < v->watch + WATCHES; w++)
		for (i = 0; i < w->pages; i++) {
			first = w->frame[i] < first ? w->frame[i] : first;
			last = w->frame[i] > last ? w->frame[i] : last;
		}
	v->watch_first = first;
	v->watch_frames = last < first ? 0 : last - first + 1;
}

/*
 * Frames are watched, not linear addresses: those in which the table lies when it is
 * loaded.  A page that is not present is recorded as frame 0.
 */
bool watch_begin(unsigned which, uint32_t base, uint32_t bytes)
{
	struct vcpu *v = this_vcpu();
	struct watch *w = &v->watch[which];
	struct fault before = v->fault;
	uint32_t page = base & PAGE_MASK;
	struct translation t;
	unsigned i;

	if (w->ended)
		return false;
	w->base = base;
	w->pages = bytes ? (base % PAGE_SIZE + bytes + PAGE_SIZE - 1) / PAGE_SIZE : 0;
	for (i = 0; i < w->pages; i++)
		w->frame[i] = walk(page + i * PAGE_SIZE, ACCESS_READ, &t) ?
			      (uint32_t)(t.physical >> 12) : 0;
	v->fault = before;
	set_range();
	return w->pages != 0;
}

/* For good: from now on the guest announces what it changes. */
void watch_end(unsigned which)
{
	this_vcpu()->watch[which].ended = true;
	this_vcpu()->watch[which].pages = 0;
	set_range();
}

/* If table @which is watched and @offset is in it, end the watch. */
static bool end_if_inside(unsigned which, uint32_t offset, uint32_t limit)
{
	if (this_vcpu()->watch[which].ended || offset > limit)
		return false;
	watch_end(which);
	return true;
}

/*
 * A store by the VMI layer's code in the hole can only be a call's, so the guest has
 * begun to use calls for this table.  The store itself need not be followed: the layer
 * tells the monitor once both halves of the descriptor are written.
 */
bool watch_called(const struct frame *f, uint32_t linear)
{
	const struct vcpu *v = this_vcpu();

	return f->eip - HOLE_ROM < ROM_MAX &&
	       (end_if_inside(WATCH_GDT, linear - v->gdt.base, v->gdt.limit) ||
		(v->ldt && end_if_inside(WATCH_LDT, linear - v->ldt_base, v->ldt_limit)));
}

/*
 * A shadow descriptor that no longer follows the guest's is better than a fault that
 * the guest would not get on hardware.
 */
bool watch_give_up(void)
{
	struct translation t;

	if (!walk(this_vcpu()->fault.cr2, ACCESS_READ, &t) ||
	    !frame_is_watched((uint32_t)(t.physical >> 12)))
		return false;
	print("vmi: stores to descriptors in frame %x are no longer seen: use calls for them\n",
	      (uint32_t)(t.physical >> 12));
	watch_end(WATCH_GDT);
	watch_end(WATCH_LDT);
	return true;
}
