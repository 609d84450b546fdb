// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest's descriptor becomes before the processor may see it.  Pure: the
 * host tests run it as it is.  (SDM volume 3, 3.4.5 and 5.8.)
 *
 * No system descriptor gets through: gates, TSSs and LDTs of the guest are
 * read from its own table when they are needed.  DPL 0 becomes 1, and so does
 * 2, since nothing runs in ring 2.  Accessed is preset, since the processor may
 * not write the table.  In segment mode no descriptor reaches beyond the guest
 * part of the hole: one that wraps around 4 GiB, as thread-local storage at
 * negative offsets needs, is cut there at first, and wrap.c exchanges it for
 * descriptor_lower() when the other part is used.
 */
#include "model/descriptor.h"

#include "base/hole.h"
#include "base/x86.h"

#define HIGH_DPL	0x00006000u
#define HIGH_DPL_1	0x00002000u
#define HIGH_LIMIT	0x000f0000u
#define HIGH_L		0x00200000u

uint32_t descriptor_base(struct descriptor d)
{
	return d.low >> 16 | (d.high & 0xff) << 16 | (d.high & 0xff000000u);
}

uint32_t descriptor_limit(struct descriptor d)
{
	uint32_t limit = (d.low & 0xffff) | (d.high & HIGH_LIMIT);

	return d.high & HIGH_G ? limit << 12 | 0xfff : limit;
}

/* The largest limit that is no more than @bytes - 1. */
static void set_length(struct descriptor *d, uint32_t bytes)
{
	uint32_t limit;

	if (bytes > 0x100000) {
		limit = bytes / PAGE_SIZE - 1;
		d->high |= HIGH_G;
	} else {
		limit = bytes - 1;
		d->high &= ~HIGH_G;
	}
	d->low = (d->low & 0xffff0000u) | (limit & 0xffff);
	d->high = (d->high & ~HIGH_LIMIT) | (limit & HIGH_LIMIT);
}

/* Do the bytes from @start to @start + @last lie below the monitor, without wrapping? */
static inline bool below_monitor(uint32_t start, uint32_t last)
{
	return start < HOLE_GUEST_END && last <= HOLE_GUEST_END - 1 - start;
}

bool descriptor_is_down(struct descriptor d)
{
	return (d.high & (HIGH_CODE | HIGH_DOWN)) == HIGH_DOWN;
}

uint32_t descriptor_stack_mask(struct descriptor d)
{
	return d.high & HIGH_B ? 0xffffffffu : 0xffff;
}

static void cut(struct descriptor *d)
{
	uint32_t base = descriptor_base(*d), limit = descriptor_limit(*d);

	if (descriptor_is_down(*d)) {
		uint32_t top = d->high & HIGH_B ? 0xffffffffu : 0xffff;

		if (limit >= top || below_monitor(base + limit + 1, top - limit - 1))
			return;
		if (!(d->high & HIGH_B)) {
			d->high &= ~HIGH_P;
			return;
		}
		d->high &= ~HIGH_DOWN;
	} else if (below_monitor(base, limit)) {
		return;
	}
	if (base >= HOLE_GUEST_END)
		d->high &= ~HIGH_P;
	else
		set_length(d, HOLE_GUEST_END - base);
}

struct descriptor segment_sanitize(struct descriptor d, enum protect protect)
{
	if (!(d.high & HIGH_S))
		return (struct descriptor){ 0, 0 };
	if ((d.high & HIGH_DPL) != HIGH_DPL)
		d.high = (d.high & ~HIGH_DPL) | HIGH_DPL_1;
	d.high = (d.high & ~HIGH_L) | HIGH_ACCESSED;
	if (protect == PROTECT_SEGMENT && (d.high & HIGH_P))
		cut(&d);
	return d;
}

bool descriptor_wraps(struct descriptor d)
{
	uint32_t base = descriptor_base(d);

	if ((d.high & (HIGH_P | HIGH_S | HIGH_CODE | HIGH_DOWN | HIGH_B)) != (HIGH_P | HIGH_S | HIGH_B))
		return false;
	return base && base <= HOLE_GUEST_END && base + (uint64_t)descriptor_limit(d) > 0xffffffffu;
}

/*
 * Expand-down, the offsets from -base on: [0, base), less what of page 0 an
 * unaligned base leaves.  What the guest's limit cuts off is not.
 */
struct descriptor descriptor_lower(struct descriptor d)
{
	uint32_t pages = (uint32_t)((0x100000000ull - descriptor_base(d) + PAGE_SIZE - 1) / PAGE_SIZE);

	d = segment_sanitize(d, PROTECT_PAGED);
	d.low = (d.low & 0xffff0000u) | ((pages - 1) & 0xffff);
	d.high = (d.high & ~HIGH_LIMIT) | ((pages - 1) & HIGH_LIMIT) | HIGH_G | HIGH_DOWN;
	return d;
}
