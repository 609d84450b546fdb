/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way into the monitor and out of it.  entry.asm calls these functions in the
 * monitor's address space, with interrupts off, on the frame that the gate has built.
 * They just return: the gate then leaves through that frame, and calls exit_attend()
 * before if something has to be done before the guest runs (vcpu.attention).
 */
#ifndef VMI_ENTRY_H
#define VMI_ENTRY_H

#include "base/base.h"

/* ---- gate.c ---- */

/* In POST: fill the gate's pages, GDT, IDT and TSS. */
void gate_prepare(void);

/* The IDT's entry by which @vector comes to trap() or nested(), whatever way it has else. */
struct descriptor gate_common(unsigned vector);

/* ---- trap.c: entries from the guest ---- */

void trap(struct frame *f);		/* any vector that has no function of its own here */
void trap_interrupt(struct frame *f);	/* a physical interrupt */
void trap_port(struct frame *f);	/* a port call, or the raw instruction */
void trap_halt(struct frame *f);	/* VMI_Halt, if the guest cannot just sleep */

/* Emulate an access to a page that is never mapped; fault.cr2 of the vCPU is its address. */
void trap_emulate_access(struct frame *f);

/* ---- fault.c ---- */

void trap_page_fault(struct frame *f);

/* ---- call.c ---- */

void call_dispatch(struct frame *f);	/* a monitor call: its number in EBX */

/* ---- nested.c: entries from CPL 0 ---- */

/*
 * vcpu.nested points here, except while start/adopt.c has a handler of its own there.
 * Returns the frame by which to leave to the guest, or NULL to go on at CPL 0.
 */
struct frame *nested(struct frame *f);

/* ---- defer.c: the guest's deferred calls ---- */

void defer_flush_all(void);

static inline void defer_flush(void)
{
	if (state_page()->queue_head)
		defer_flush_all();
}

/* ---- exit.c ---- */

/* Only in `make check-build`: assert on every exit that the frame is one of ring 1 or 3. */
void exit_check(const struct frame *f);

/*
 * Do what has to be done before the guest runs.  true: the guest is halted, and shall
 * sleep in its own address space (gate_halt).
 */
bool exit_attend(struct frame *f);

/*
 * The shadow of STI and MOV SS: no interrupt before the next instruction has been
 * executed.  It begins with EIP behind the emulated instruction.
 * sti_shadow_end() ends it if the trap with frame @f shows that the instruction ran.
 */
void sti_shadow_begin(const struct frame *f);
void sti_shadow_end(const struct frame *f);

/*
 * At the start of every trap of the guest.  While the guest runs, attention is set
 * whenever sti_shadow is: a caller may test that first, with other things.
 */
static inline void trap_begin(const struct frame *f)
{
	if (this_vcpu()->sti_shadow)
		sti_shadow_end(f);
}

#endif
