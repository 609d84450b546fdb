// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads and writes guest memory by linear address.  The monitor's address space
 * contains the guest's, so the monitor simply copies, as the guest's kernel would.
 * The copy may fault.  If only a shadow entry was missing, entry/nested.c fills it and
 * the copy goes on; else the copy ends early (copy_fixup()), and a walk of the guest's
 * tables finds out why.  The guest's tables are walked first
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

/* How many of @len bytes at @linear lie in its page. */
static uint32_t in_page(uint32_t linear, uint32_t len)
{
	uint32_t n = PAGE_SIZE - linear % PAGE_SIZE;

	return n < len ? n : len;
}

/*
 * The copy has faulted.  Walk the guest's tables to find out why: either they refuse the
 * access, and that fault is recorded; or the frame is closed to the guest, and is read
 * as if there were no memory.
 */
static NOINLINE bool read_by_windows(uint32_t linear, void *buf, uint32_t len)
{
	struct translation t;
	uint8_t *to = buf;
	uint32_t n;

	for (; len; len -= n, linear += n, to += n) {
		const uint8_t *from;

		n = in_page(linear, len);
		if (!walk(linear, ACCESS_READ, &t))
			return false;
		from = window((uint32_t)(t.physical >> 12));
		if (from)
			memcpy(to, from + linear % PAGE_SIZE, n);
		else
			memset(to, 0xff, n);
	}
	return true;
}

bool guest_read(uint32_t linear, void *buf, uint32_t len, unsigned access)
{
	if (!below_hole(linear, len, access))
		return false;
	if (access && !probe(linear, len, access))
		return false;
	return !copy_fixup(buf, (void *)linear, len) || read_by_windows(linear, buf, len);
}

/*
 * The same for a store.  A page of it may be watched, and so is mapped read-only; the
 * store is made all the same.  A store to a closed frame, or to a ROM, is lost.
 */
static NOINLINE enum store store_by_windows(uint32_t linear, const void *buf, uint32_t len)
{
	enum store result = STORE_DONE;
	const uint8_t *from = buf;
	struct translation t;
	uint32_t n;

	for (; len; len -= n, linear += n, from += n) {
		uint8_t *to;

		n = in_page(linear, len);
		if (!walk(linear, ACCESS_WRITE, &t))
			return STORE_FAULT;
		to = window((uint32_t)(t.physical >> 12));
		if (to)
			memcpy(to + linear % PAGE_SIZE, from, n);
		if (frame_is_watched((uint32_t)(t.physical >> 12)))
			result = STORE_WATCHED;
	}
	return result;
}

enum store guest_store(uint32_t linear, const void *buf, uint32_t len, unsigned access)
{
	access |= ACCESS_WRITE;
	if (!below_hole(linear, len, access))
		return STORE_FAULT;
	if ((access & ACCESS_USER) || (linear ^ (linear + len - 1)) >= PAGE_SIZE)
		if (!probe(linear, len, access))
			return STORE_FAULT;
	if (!copy_fixup((void *)(uintptr_t)linear, buf, len))
		return STORE_DONE;
	return store_by_windows(linear, buf, len);
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
