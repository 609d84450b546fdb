// SPDX-License-Identifier: GPL-2.0-only
/* The bytes of the guest's instructions, as the processor would fetch them. */
#include "cpu/cpu.h"

/* Bytes at CS:EIP, up to the page's end where the next one is not there. */
static int fetch(struct frame *f, uint8_t *buf, int max)
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
	if (first == (uint32_t)max || !guest_read_code(linear + first, buf + first, (uint32_t)max - first, access))
		return (int)first;
	return max;
}

/* While this runs, data breakpoints of the guest do not count (entry/nested.c). */
int guest_fetch(struct frame *f, uint8_t *buf, int max)
{
	int n;

	this_vcpu()->fetching = true;
	n = fetch(f, buf, max);
	this_vcpu()->fetching = false;
	return n;
}
