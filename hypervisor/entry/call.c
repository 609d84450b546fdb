// SPDX-License-Identifier: GPL-2.0-only
/*
 * Monitor calls: the VMI layer (vmi/) asks for what it cannot do at ring 1.  EBX holds
 * the index of the call in include/vmi_calls.def.  The handlers are in call_cpu.c,
 * call_mmu.c and call_time.c.  To add a call, put it into the list with place MONITOR
 * and write its handler, call_NAME().
 */
#include "cpu/cpu.h"
#include "entry/call.h"
#include "entry/entry.h"

#define INT_SIZE	2u		/* of the INT that makes a monitor call */

/* NULL where the VMI layer does the whole call, or where there is no such call. */
static call_handler *const handlers[VMI_NR_CALLS] = {
#define CALL_MONITOR(name)	[VMI_CALL_##name] = call_##name,
#define VMI_CALL(name, number, queue, site, place)	CALL_##place(name)
#include "vmi_calls.def"
};

/*
 * The guest sees the fault at the INT, as if that instruction had caused it.  If its
 * handler repairs the cause and returns, the call restarts.
 */
static COLD void fail_call(struct frame *f)
{
	f->eip -= INT_SIZE;
	reflect_fault(f);
}

/*
 * The guest may put any number into EBX.  An index that has no handler gets the #GP that
 * INT raises for a gate which may not be used: the error code names the vector.
 */
void call_dispatch(struct frame *f)
{
	call_handler *handle = NULL;

	this_vcpu()->stats[STAT_CALL]++;
	defer_flush();
	if (f->ebx < VMI_NR_CALLS)
		handle = handlers[f->ebx];
	if (!handle) {
		reflect(f, VECTOR_GP, VECTOR_CALL * 8 | ERROR_IDT);
		return;
	}
	this_vcpu()->calls[f->ebx]++;
	if (!handle(f))
		fail_call(f);
}
