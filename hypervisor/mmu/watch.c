// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watched tables: until the guest makes its first call for the GDT, the pages of
 * the one that is loaded are mapped read-only for it, and its stores there are
 * emulated (cpu/guestwrite.c), so that the shadow descriptors follow (docs/architecture.md).  The same for
 * the LDT.  The IDT and the TSS are read when they are needed, and so are not
 * watched.
 */
#include "mmu/mmu.h"

/* Most frames are not watched, and are told from those by their numbers. */
static void set_range(void)
{
	uint32_t first = 0xffffffffu, last = 0;
	const struct watch *w;
	unsigned i;

	for (w = this_vcpu()->watch; w < this_vcpu()->watch + WATCHES; w++)
		for (i = 0; i < w->pages; i++) {
			first = w->frame[i] < first ? w->frame[i] : first;
			last = w->frame[i] > last ? w->frame[i] : last;
		}
	this_vcpu()->watch_first = first;
	this_vcpu()->watch_frames = last < first ? 0 : last - first + 1;
}

/*
 * What is watched is the frames in which the table lay when it was loaded.  true:
 * what maps them must go.
 */
bool watch_begin(unsigned which, uint32_t base, uint32_t bytes)
{
	struct watch *w = &this_vcpu()->watch[which];
	struct fault before = this_vcpu()->fault;
	uint32_t page = base & PAGE_MASK;
	struct translation t;
	unsigned i;

	if (w->ended)
		return false;
	w->base = base;
	w->pages = bytes ? (base % PAGE_SIZE + bytes + PAGE_SIZE - 1) / PAGE_SIZE : 0;
	for (i = 0; i < w->pages; i++)
		w->frame[i] = walk(page + i * PAGE_SIZE, ACCESS_READ, &t) ? (uint32_t)(t.physical >> 12) : 0;
	this_vcpu()->fault = before;
	set_range();
	return w->pages != 0;
}

void watch_end(unsigned which)
{
	this_vcpu()->watch[which].ended = true;
	this_vcpu()->watch[which].pages = 0;
	set_range();
}

static bool called(unsigned which, uint32_t offset, uint32_t limit)
{
	if (this_vcpu()->watch[which].ended || offset > limit)
		return false;
	watch_end(which);
	return true;
}

/*
 * The VMI layer stores a descriptor at @linear for the guest's first call of that
 * kind: the monitor will be told when both its halves are there.
 */
bool watch_called(const struct frame *f, uint32_t linear)
{
	return f->eip - HOLE_ROM < ROM_MAX &&
	       (called(WATCH_GDT, linear - this_vcpu()->gdt.base, this_vcpu()->gdt.limit) ||
		(this_vcpu()->ldt && called(WATCH_LDT, linear - this_vcpu()->ldt_base, this_vcpu()->ldt_limit)));
}

/*
 * The guest writes to such a page with an instruction that is not emulated.  Better
 * a descriptor that is not followed than a fault where there is none.
 */
bool watch_give_up(void)
{
	struct translation t;

	if (!walk(this_vcpu()->fault.cr2, ACCESS_READ, &t) || !frame_is_watched((uint32_t)(t.physical >> 12)))
		return false;
	print("vmi: stores to descriptors in frame %x are no longer seen: use calls for them\n",
	      (uint32_t)(t.physical >> 12));
	watch_end(WATCH_GDT);
	watch_end(WATCH_LDT);
	return true;
}
