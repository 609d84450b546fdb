// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watched tables: until the guest makes its first call for the GDT, the pages of
 * the one that is loaded are mapped read-only for it, and its stores there are
 * emulated, so that the shadow descriptors follow (docs/architecture.md).  The same for
 * the LDT.  The IDT and the TSS are read when they are needed, and so are not
 * watched.
 */
#include "monitor.h"

/* Most frames are not watched, and are told from those by their numbers. */
static void set_range(void)
{
	uint32_t first = 0xffffffffu, last = 0;
	const struct watch *w;
	unsigned i;

	for (w = cpu->watch; w < cpu->watch + WATCHES; w++)
		for (i = 0; i < w->pages; i++) {
			first = w->frame[i] < first ? w->frame[i] : first;
			last = w->frame[i] > last ? w->frame[i] : last;
		}
	cpu->watch_first = first;
	cpu->watch_frames = last < first ? 0 : last - first + 1;
}

/* What is watched is the frames in which the table lay when it was loaded. */
void watch_begin(unsigned which, uint32_t base, uint32_t bytes)
{
	struct watch *w = &cpu->watch[which];
	struct fault before = cpu->fault;
	uint32_t page = base & PAGE_MASK;
	struct translation t;
	unsigned i;

	if (w->ended)
		return;
	w->base = base;
	w->pages = bytes ? (base % PAGE_SIZE + bytes + PAGE_SIZE - 1) / PAGE_SIZE : 0;
	for (i = 0; i < w->pages; i++)
		w->frame[i] = walk(page + i * PAGE_SIZE, ACCESS_READ, &t) ? (uint32_t)(t.physical >> 12) : 0;
	cpu->fault = before;
	set_range();
	if (w->pages)
		shadow_reset();
}

void watch_end(unsigned which)
{
	cpu->watch[which].ended = true;
	cpu->watch[which].pages = 0;
	set_range();
}

bool frame_is_in_watch(uint32_t frame)
{
	const struct watch *w;
	unsigned i;

	for (w = cpu->watch; w < cpu->watch + WATCHES; w++)
		for (i = 0; i < w->pages; i++)
			if (w->frame[i] == frame)
				return true;
	return false;
}

/* @len bytes at @offset of a frame have changed: so have the descriptors there. */
static void follow(uint32_t frame, uint32_t offset, uint32_t len)
{
	unsigned which, i;
	int first, last;

	for (which = 0; which < WATCHES; which++)
		for (i = 0; i < cpu->watch[which].pages; i++) {
			if (cpu->watch[which].frame[i] != frame)
				continue;
			first = (int)(i * PAGE_SIZE + offset - cpu->watch[which].base % PAGE_SIZE);
			last = first + (int)len - 1;
			for (first = first < 0 ? 0 : first / 8; first <= last / 8 && last >= 0; first++)
				segment_follow(which, (unsigned)first);
		}
}

static bool called(unsigned which, uint32_t offset, uint32_t limit)
{
	if (cpu->watch[which].ended || offset > limit)
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
	       (called(WATCH_GDT, linear - cpu->gdt.base, cpu->gdt.limit) ||
		(cpu->ldt && called(WATCH_LDT, linear - cpu->ldt_base, cpu->ldt_limit)));
}

/*
 * A store that the read-only mapping has stopped, of the monitor's own or
 * emulated.  Rights have been checked.  false: it was not this.
 */
bool watch_write(uint32_t linear, const void *buf, uint32_t len)
{
	const uint8_t *from = buf;
	struct translation t;
	bool watched = false;
	uint32_t n;

	for (; len; len -= n, linear += n, from += n) {
		uint8_t *to;

		n = PAGE_SIZE - linear % PAGE_SIZE;
		if (n > len)
			n = len;
		if (!walk(linear, ACCESS_WRITE, &t))
			return false;
		to = window((uint32_t)(t.physical >> 12));
		if (!to)
			return false;
		memcpy(to + linear % PAGE_SIZE, from, n);
		if (frame_is_watched((uint32_t)(t.physical >> 12))) {
			watched = true;
			follow((uint32_t)(t.physical >> 12), linear % PAGE_SIZE, n);
		}
	}
	return watched;
}

/*
 * The guest writes to such a page with an instruction that is not emulated.  Better
 * a descriptor that is not followed than a fault where there is none.
 */
bool watch_give_up(void)
{
	struct translation t;

	if (!walk(cpu->fault.cr2, ACCESS_READ, &t) || !frame_is_watched((uint32_t)(t.physical >> 12)))
		return false;
	print("vmi: stores to descriptors in frame %x are no longer seen: use calls for them\n",
	      (uint32_t)(t.physical >> 12));
	watch_end(WATCH_GDT);
	watch_end(WATCH_LDT);
	return true;
}
