// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads and writes guest memory by linear address.  The monitor's address space
 * contains the guest's, so the monitor simply copies, as the guest's kernel would.
 * The copy may fault.  If only a shadow entry was missing, entry/nested.c fills it and
 * the copy goes on; if the guest's own tables do not allow the access, the copy ends
 * early (copy_fixup()) and the fault is recorded.  The guest's tables are walked first
 * only where the copy would not check enough: for accesses on behalf of ring 3, since
 * the monitor copies as supervisor; for stores across two pages, which must not be half
 * done; and for reads that are to be checked as writes.
 */
#include "mmu/mmu.h"

/* May the guest access @len bytes at @linear?  false: the fault is recorded. */
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

/* Does an access stay below the hole?  false: a page fault, "not present", is recorded. */
static bool below_hole(uint32_t linear, uint32_t len, unsigned access)
{
	if (linear < HOLE_BASE && len <= HOLE_BASE - linear)
		return true;
	fault_record(VECTOR_PF, access);
	this_vcpu()->fault.cr2 = linear < HOLE_BASE ? HOLE_BASE : linear;
	return false;
}

/* The result of copy_fixup(): if something is left, the fault was the guest's own. */
static bool copied(uint32_t left)
{
	if (left)
		this_vcpu()->fault = this_vcpu()->monitor_fault;
	return left == 0;
}

bool guest_read(uint32_t linear, void *buf, uint32_t len, unsigned access)
{
	if (!below_hole(linear, len, access))
		return false;
	if (access && !probe(linear, len, access))
		return false;
	return copied(copy_fixup(buf, (void *)linear, len));
}

/*
 * A store has faulted.  If the only reason is that a page of it is watched, and so is
 * mapped read-only, make the store through windows.  What goes to a ROM is lost.
 * STORE_FAULT: none of this was the reason.
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
		if (frame_is_rom((uint32_t)(t.physical >> 12))) {
			if (result == STORE_FAULT)
				result = STORE_DONE;
			continue;
		}
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
	if (!below_hole(linear, len, access))
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

/*
 * Some instructions of the VMI layer's copy have to be emulated, its string I/O for
 * instance, so unlike data code may be read there.
 */
bool guest_read_code(uint32_t linear, uint8_t *buf, uint32_t len, unsigned access)
{
	if (!(access & ACCESS_USER) && linear - HOLE_ROM < ROM_MAX &&
	    linear - HOLE_ROM + len <= ROM_MAX) {
		memcpy(buf, (const void *)linear, len);
		return true;
	}
	return guest_read(linear, buf, len, access);
}
