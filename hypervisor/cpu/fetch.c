// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fetches the bytes of the guest's instructions as the processor would, for the emulator
 * and for wrap.c.
 */
#include "cpu/cpu.h"

/*
 * An instruction may end before a page that is not present, so each page is read on its
 * own, and a fault in the second one does not lose the bytes of the first.
 */
static int fetch_pages(struct frame *f, uint8_t *buf, int max)
{
	unsigned access = frame_from_user(f) ? ACCESS_USER : ACCESS_READ;
	uint32_t linear, first;

	if (!segment_linear(f, SEG_CS, f->eip, 1, false, &linear))
		return 0;
	first = PAGE_SIZE - linear % PAGE_SIZE;
	if (first > (uint32_t)max)
		first = (uint32_t)max;
	if (!guest_read_code(linear, buf, first, access))
		return 0;
	if (first == (uint32_t)max ||
	    !guest_read_code(linear + first, buf + first, (uint32_t)max - first, access))
		return (int)first;
	return max;
}

/*
 * The monitor reads code as data here.  The flag tells entry/nested.c that a data
 * breakpoint which this hits is not one of the guest's accesses.
 */
int guest_fetch(struct frame *f, uint8_t *buf, int max)
{
	int n;

	this_vcpu()->fetching = true;
	n = fetch_pages(f, buf, max);
	this_vcpu()->fetching = false;
	return n;
}
