// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory by linear address.  The monitor's address space contains the
 * guest's, so it is copied straight, as the guest's kernel would; a fault on
 * the way is either a shadow entry that is missing (trap.c fills it and the
 * copy goes on) or the guest's own (copy_fixup() stops).  Only what a
 * supervisor's access would not check is walked first.
 */
#include "mmu/mmu.h"

/* Would an access of @len bytes fault? */
static bool probe(uint32_t linear, uint32_t len, unsigned access)
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
	this_vcpu()->fault.cr2 = linear < HOLE_BASE ? HOLE_BASE : linear;
	return false;
}

static bool copied(uint32_t left)
{
	if (left)
		this_vcpu()->fault = this_vcpu()->monitor_fault;
	return left == 0;
}

bool guest_read(uint32_t linear, void *buf, uint32_t len, unsigned access)
{
	if (!inside(linear, len, access))
		return false;
	if (access && !probe(linear, len, access))
		return false;
	return copied(copy_fixup(buf, (void *)linear, len));
}

/*
 * A store that the read-only mapping of a watched page has stopped.  Rights have been
 * checked.  STORE_FAULT: it was not this.
 */
static enum store store_watched(uint32_t linear, const void *buf, uint32_t len)
{
	enum store result = STORE_FAULT;
	const uint8_t *from = buf;
	struct translation t;
	uint32_t n;

	for (; len; len -= n, linear += n, from += n) {
		uint8_t *to;

		n = PAGE_SIZE - linear % PAGE_SIZE;
		if (n > len)
			n = len;
		if (!walk(linear, ACCESS_WRITE, &t))
			return STORE_FAULT;
		to = window((uint32_t)(t.physical >> 12));
		if (!to)
			return STORE_FAULT;
		memcpy(to + linear % PAGE_SIZE, from, n);
		if (frame_is_watched((uint32_t)(t.physical >> 12)))
			result = STORE_WATCHED;
	}
	return result;
}

enum store guest_store(uint32_t linear, const void *buf, uint32_t len, unsigned access)
{
	enum store result;
	uint32_t left;

	access |= ACCESS_WRITE;
	if (!inside(linear, len, access))
		return STORE_FAULT;
	if ((access & ACCESS_USER) || (linear ^ (linear + len - 1)) >= PAGE_SIZE)
		if (!probe(linear, len, access))
			return STORE_FAULT;
	left = copy_fixup((void *)(uintptr_t)linear, buf, len);
	if (!left)
		return STORE_DONE;
	result = store_watched(linear, buf, len);
	if (result == STORE_FAULT)
		copied(left);
	return result;
}

/* The kernel also runs the VMI layer's copy, which has raw string instructions. */
bool guest_read_code(uint32_t linear, uint8_t *buf, uint32_t len, unsigned access)
{
	if (!(access & ACCESS_USER) && linear - HOLE_ROM < ROM_MAX && linear - HOLE_ROM + len <= ROM_MAX) {
		memcpy(buf, (const void *)linear, len);
		return true;
	}
	return guest_read(linear, buf, len, access);
}
