// SPDX-License-Identifier: GPL-2.0-only
/*
 * Monitor calls: what the VMI layer (vmi/) cannot do at ring 1.  The call's
 * index in include/vmi_calls.def is in EBX.  The handlers are in call_cpu.c,
 * call_mmu.c and call_time.c; a call that is added to the list, with place MONITOR,
 * wants one named after it.
 */
#include "cpu/cpu.h"
#include "entry/call.h"
#include "entry/entry.h"

#define INT_SIZE	2u

static call_handler *const handlers[VMI_NR_CALLS] = {
#define CALL_MONITOR(name)	[VMI_CALL_##name] = call_##name,
#define VMI_CALL(name, number, queue, site, place)	CALL_##place(name)
#include "vmi_calls.def"
};

/* If the guest's handler repairs the cause and returns, the call restarts. */
static COLD void fail(struct frame *f)
{
	f->eip -= INT_SIZE;
	reflect_fault(f);
}

/* The guest may put any number into EBX. */
void call_dispatch(struct frame *f)
{
	call_handler *handle = NULL;

	this_vcpu()->stats[STAT_CALL]++;
	defer_flush();
	if (f->ebx < VMI_NR_CALLS)
		handle = handlers[f->ebx];
	if (!handle) {
		reflect(f, VECTOR_GP, VECTOR_CALL * 8 + 2);
		return;
	}
	this_vcpu()->calls[f->ebx]++;
	if (!handle(f))
		fail(f);
}
