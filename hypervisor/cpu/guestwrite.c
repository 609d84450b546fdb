// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stores to guest memory, those of the monitor itself and those of emulated instructions.
 * A store to a watched page (mmu/watch.c) may have changed descriptors; then their
 * shadows are updated.  That is why this is not in mmu/, which knows no descriptors.
 */
#include "cpu/cpu.h"

/*
 * @len bytes at @offset of @frame have been written: update the shadows of those entries
 * of table @which that lie there.
 */
static unsigned update_table(unsigned which, uint32_t frame, uint32_t offset, uint32_t len)
{
	const struct watch *w = &this_vcpu()->watch[which];
	unsigned i, changes = 0;
	int entry, last;

	for (i = 0; i < w->pages; i++) {
		if (w->frame[i] != frame)
			continue;
		entry = (int)(i * PAGE_SIZE + offset) - (int)(w->base % PAGE_SIZE);
		last = entry + (int)len - 1;
		for (entry = entry < 0 ? 0 : entry / 8; entry <= last / 8 && last >= 0; entry++)
			changes |= segment_entry_stored(which, (unsigned)entry);
	}
	return changes;
}

/* Update the shadow descriptors for a store of @len bytes at @linear. */
static void update_descriptors(uint32_t linear, uint32_t len)
{
	struct translation t;
	unsigned which, changes = 0;
	uint32_t n;

	for (; len; len -= n, linear += n) {
		n = PAGE_SIZE - linear % PAGE_SIZE;
		if (n > len)
			n = len;
		if (!walk(linear, ACCESS_WRITE, &t))
			break;
		for (which = 0; which < WATCHES; which++)
			changes |= update_table(which, (uint32_t)(t.physical >> 12),
						linear % PAGE_SIZE, n);
	}
	descriptors_settle(changes);
}

bool guest_write(uint32_t linear, const void *buf, uint32_t len, unsigned access)
{
	enum store result = guest_store(linear, buf, len, access);

	if (result == STORE_WATCHED)
		update_descriptors(linear, len);
	return result != STORE_FAULT;
}
