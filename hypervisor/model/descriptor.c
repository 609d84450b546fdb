// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a segment descriptor of the guest is changed before the processor may use it
 * (SDM volume 3, 3.4.5 and 5.8).  The result goes into the shadow GDT or LDT
 * (cpu/segment.c).  Pure functions: the host tests compile this file as it is.
 *
 * System descriptors become null: the monitor reads the guest's gates, TSSs and LDTs
 * from the guest's own tables when it needs them.  DPL 0 becomes 1, and so does 2,
 * since nothing runs in ring 2.  The accessed bit is preset, since the processor
 * cannot write to the shadow tables.  In segment mode no descriptor may reach beyond
 * the guest part of the hole.  A segment that wraps around 4 GiB, as is usual for
 * thread-local storage at negative offsets, has two parts: from its base up, and from 0 up to
 * its base.  It is first given the former, cut at the hole; cpu/wrap.c exchanges it
 * for descriptor_lower() when the latter is used.
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

/* Set the limit to @bytes - 1, or to the largest value below that it can express. */
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

/*
 * Segment mode: make the present segment @d end below the monitor.  A 32-bit
 * expand-down segment that reaches the monitor becomes expand-up, so its lower bound
 * is no longer enforced; a 16-bit one, and one whose base is in the monitor, becomes
 * not present.
 */
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
	uint32_t kind = d.high & (HIGH_P | HIGH_S | HIGH_CODE | HIGH_DOWN | HIGH_B);

	if (kind != (HIGH_P | HIGH_S | HIGH_B))
		return false;
	return base && base <= HOLE_GUEST_END && base + (uint64_t)descriptor_limit(d) > 0xffffffffu;
}

/*
 * The shadow for the part below the base: an expand-down segment whose lowest offset
 * is -base, rounded up to a page.  So it covers [0, base), less a part of page 0 if
 * the base is not page-aligned.  The guest's own limit is not applied.
 */
struct descriptor descriptor_lower(struct descriptor d)
{
	uint64_t lowest = 0x100000000ull - descriptor_base(d);
	uint32_t pages = (uint32_t)((lowest + PAGE_SIZE - 1) / PAGE_SIZE);

	d = segment_sanitize(d, PROTECT_PAGED);
	d.low = (d.low & 0xffff0000u) | ((pages - 1) & 0xffff);
	d.high = (d.high & ~HIGH_LIMIT) | ((pages - 1) & HIGH_LIMIT) | HIGH_G | HIGH_DOWN;
	return d;
}
