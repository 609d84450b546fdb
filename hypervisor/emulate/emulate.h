/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instruction emulator: its interface.  entry/trap.c calls it after a #GP, and after
 * a page fault on a page that the guest may access but the monitor does not map for it: a
 * page of a device model, or a watched one, with a descriptor table (mmu/watch.c).  What
 * the emulator calls in turn is in services.h.
 */
#ifndef VMI_EMULATE_H
#define VMI_EMULATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/frame.h"

enum emulate_result {
	/* The instruction has been executed: the frame, with EIP, is that after it. */
	EMULATED,
	/*
	 * The recorded fault is to be reflected.  EIP is that of the instruction, and
	 * nothing has changed, except what iterations of a string instruction did before.
	 */
	EMULATE_FAULT,
	/* Not emulated: reflect the exception that was the cause. */
	EMULATE_UNKNOWN,
	/*
	 * INT n, INT3 or INTO: deliver soft_vector through the guest's gate, whose DPL
	 * counts if ring 3 executes it.  The return address is EIP + length; a fault in
	 * the delivery has EIP as it is.
	 */
	EMULATE_SOFT_INT,
};

enum emulate_cause {
	EMULATE_GP,		/* after #GP: only privileged and I/O instructions */
	EMULATE_PAGE,		/* after #PF: also instructions with a memory operand */
};

/* Bits of emulate_context.events. */
#define EMULATE_SINGLE_STEP	1	/* EFLAGS.TF was set: deliver #DB with DR6.BS next */
/* STI has set virtual IF: no interrupt before the next instruction. */
#define EMULATE_STI_SHADOW	2
/* MOV or POP has loaded SS: no interrupt and no #DB before the next instruction. */
#define EMULATE_SS_SHADOW	4

struct emulate_context {
	/* in */
	uint8_t cause;		/* enum emulate_cause */
	/* out, valid after EMULATED and EMULATE_SOFT_INT */
	uint8_t events;		/* EMULATE_SINGLE_STEP ... */
	uint8_t soft_vector;
	uint8_t length;		/* of the instruction */
};

/*
 * Execute the instruction at CS:EIP of @f.  Of a repeated string instruction at most
 * EMULATE_CHUNK iterations are executed (one if TF is set), so that interrupts need not
 * wait for long: EIP then stays and RF is set, as the processor does when an interrupt
 * comes between iterations.
 */
enum emulate_result emulate(struct frame *f, struct emulate_context *ctx);

#define EMULATE_CHUNK	64

/* ---- msr.c ---- */

/* RDMSR and WRMSR, as instructions or calls.  false: #GP, recorded. */
bool msr_read(uint32_t index, uint64_t *value);
bool msr_write(uint32_t index, uint64_t value);

/* Called in VMI_Init: takes over what the guest has written natively. */
void msr_adopt(void);

#endif
