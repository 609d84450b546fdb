// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest page faults.  Either the guest must see the fault (it is reflected), or only
 * a shadow entry was missing (it is filled: a hidden fault), or the page is one that
 * is never mapped (the access is emulated).  mmu/refill.c decides the common cases.
 */
#include "cpu/cpu.h"
#include "entry/entry.h"

/*
 * What refill() has not decided: a walk of the guest's own tables tells.  A fault in a
 * return of the VMI layer is a fault of the instruction that the return stands for.
 */
static NOINLINE void slow_path(struct frame *f, uint32_t linear)
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

/* The guest's deferred calls, and the end of a shadow of STI, come first. */
static NOINLINE void prepare_fault(const struct frame *f)
{
	trap_begin(f);
	defer_flush();
}

/*
 * WAY_ABSENT and WAY_DENIED are faults of the guest, and their value is bit P of the
 * error code.  They are the most frequent exception, so they are reflected by a short
 * way, unless EIP is in the VMI layer.
 */
void trap_page_fault(struct frame *f)
{
	const struct vcpu *v = this_vcpu();
	uint32_t linear = read_cr2();
	enum way way;

	if (v->attention | state_page()->queue_head)
		prepare_fault(f);
	way = refill(linear, frame_error(f));
	if (way > WAY_DENIED || f->eip >= HOLE_BASE) {
		if (way != WAY_FILLED)
			slow_path(f, linear);
	} else if (!deliver_flat_page_fault(f, linear,
					    (frame_error(f) & v->paging.shown) | way)) {
		reflect_fault(f);
	}
}
