// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest page faults.  Either the guest must see the fault (it is reflected), or only
 * a shadow entry was missing (it is filled: a hidden fault), or the page is one that
 * is never mapped (the access is emulated).  mmu/refill.c decides the common case.
 */
#include "cpu/cpu.h"
#include "entry/entry.h"

/* The way for all cases. */
static NOINLINE void long_way(struct frame *f, uint32_t linear)
{
	unsigned access = frame_error(f) & (ERROR_W | ERROR_U | ERROR_I);
	struct translation t;

	if (!walk(linear, access, &t)) {
		if (transfer_fault(f) != TRANSFER_DONE)
			reflect_fault(f);
	} else if (!shadow_fill(linear, &t, access) && !watch_called(f, linear)) {
		this_vcpu()->fault.cr2 = linear;
		trap_emulate_access(f);
	}
}

/* What the guest has queued, and what is left of the shadow of STI, comes first. */
static NOINLINE void prepare(const struct frame *f)
{
	trap_begin(f);
	defer_flush();
}

void trap_page_fault(struct frame *f)
{
	uint32_t linear = read_cr2();
	enum way way;

	if (this_vcpu()->attention | state_page()->queue_head)
		prepare(f);
	way = refill(linear, frame_error(f));
	if (way > WAY_DENIED || f->eip >= HOLE_BASE) {
		if (way != WAY_FILLED)
			long_way(f, linear);
	} else if (!deliver_flat_page_fault(f, linear, (frame_error(f) & this_vcpu()->paging.shown) | way)) {
		reflect_fault(f);
	}
}
