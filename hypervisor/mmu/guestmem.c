// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory by linear address.  The monitor's address space contains the
 * guest's, so it is copied straight, as the guest's kernel would; a fault on
 * the way is either a shadow entry that is missing (trap.c fills it and the
 * copy goes on) or the guest's own (copy_fixup() stops).  Only what a
 * supervisor's access would not check is walked first.
 */
#include "monitor.h"

void fault_record(unsigned vector, uint32_t error)
{
	cpu->fault.vector = vector;
	cpu->fault.error = error;
}

bool refuse(unsigned vector, uint32_t error)
{
	fault_record(vector, error);
	return false;
}

/* Would an access of @len bytes fault? */
bool guest_probe(uint32_t linear, uint32_t len, unsigned access)
{
	struct translation t;
	uint32_t last = linear + len - 1;

	if (last < linear)
		last = HOLE_BASE;
	if (!walk(linear, access, &t))
		return false;
	return (linear ^ last) < PAGE_SIZE || walk(last & PAGE_MASK, access, &t);
}

static bool inside(uint32_t linear, uint32_t len, unsigned access)
{
	if (linear < HOLE_BASE && len <= HOLE_BASE - linear)
		return true;
	fault_record(VECTOR_PF, access);
	cpu->fault.cr2 = linear < HOLE_BASE ? HOLE_BASE : linear;
	return false;
}

static bool copied(uint32_t left)
{
	if (left)
		cpu->fault = cpu->monitor_fault;
	return left == 0;
}

bool guest_read(uint32_t linear, void *buf, uint32_t len, unsigned access)
{
	if (!inside(linear, len, access))
		return false;
	if (access && !guest_probe(linear, len, access))
		return false;
	return copied(copy_fixup(buf, (void *)linear, len));
}

bool guest_write(uint32_t linear, const void *buf, uint32_t len, unsigned access)
{
	uint32_t left;

	access |= ACCESS_WRITE;
	if (!inside(linear, len, access))
		return false;
	if ((access & ACCESS_USER) || (linear ^ (linear + len - 1)) >= PAGE_SIZE)
		if (!guest_probe(linear, len, access))
			return false;
	left = copy_fixup((void *)linear, buf, len);
	return !left || watch_write(linear, buf, len) || copied(left);
}

bool guest_write_emulated(uint32_t linear, const void *buf, uint32_t len, unsigned access)
{
	return guest_write(linear, buf, len, access);
}

/* The kernel also runs the VMI layer's copy, which has raw string instructions. */
static bool read_code(uint32_t linear, uint8_t *buf, uint32_t len, unsigned access)
{
	if (!(access & ACCESS_USER) && linear - HOLE_ROM < ROM_MAX && linear - HOLE_ROM + len <= ROM_MAX) {
		memcpy(buf, (const void *)linear, len);
		return true;
	}
	return guest_read(linear, buf, len, access);
}

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
	if (!read_code(linear, buf, first, access))
		return 0;
	if (first == (uint32_t)max || !read_code(linear + first, buf + first, (uint32_t)max - first, access))
		return (int)first;
	return max;
}

/* No data breakpoint of the guest's counts. */
int guest_fetch(struct frame *f, uint8_t *buf, int max)
{
	int n;

	cpu->fetching = true;
	n = fetch(f, buf, max);
	cpu->fetching = false;
	return n;
}
