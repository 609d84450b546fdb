/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way in and out.  Whoever is called here from entry.asm runs in the monitor's
 * address space with interrupts off, on the frame that the gate has built, and just
 * returns: the gate leaves by that frame, through exit_attend() if something is to
 * be done before the guest runs.
 */
#ifndef VMI_ENTRY_H
#define VMI_ENTRY_H

#include "base/base.h"

/* ---- gate.c: in POST ---- */

void gate_prepare(void);

/* ---- trap.c: from the guest ---- */

void trap(struct frame *f);		/* what has no way of its own below */
void trap_interrupt(struct frame *f);
void trap_port(struct frame *f);	/* a port call, or the raw instruction */
void trap_halt(struct frame *f);	/* VMI_Halt while something waits */

/* An access to a page that is never mapped: the vCPU's fault.cr2. */
void trap_emulate_access(struct frame *f);

/* ---- fault.c ---- */

void trap_page_fault(struct frame *f);

/* ---- call.c ---- */

void call_dispatch(struct frame *f);	/* a monitor call: its number in EBX */

/* ---- nested.c: from CPL 0 ---- */

/*
 * What vcpu.nested is, but while start/adopt.c has its own there: the frame to leave by
 * to the guest, or NULL to go on at CPL 0.
 */
struct frame *nested(struct frame *f);

/* ---- defer.c: what the guest has put off ---- */

void defer_flush_all(void);

static inline void defer_flush(void)
{
	if (state_page()->queue_head)
		defer_flush_all();
}

/* ---- exit.c ---- */

/* true: the guest is halted, and sleeps in its own address space. */
bool exit_attend(struct frame *f);

/*
 * The shadow of STI and MOV SS: no interrupt before the next instruction has been
 * executed.  It begins behind the emulated instruction, and has ended if the trap
 * that @f came by says so.
 */
void sti_shadow_begin(const struct frame *f);
void sti_shadow_end(const struct frame *f);

/* Around everything that is done for the guest.  While it runs sti_shadow comes with attention. */
static inline void trap_begin(const struct frame *f)
{
	if (this_vcpu()->sti_shadow)
		sti_shadow_end(f);
}

#endif
