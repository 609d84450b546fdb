/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instruction emulator: what it is asked for.  entry/trap.c calls it for a
 * #GP, and for a page fault on a page that the guest may use but the monitor does
 * not map for it: a device model's, or one that holds a loaded descriptor table.
 * What it asks of the monitor in turn is in services.h.
 */
#ifndef VMI_EMULATE_H
#define VMI_EMULATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/frame.h"

enum emulate_result {
	/* Done: frame (EIP included) is what the guest continues with. */
	EMULATED,
	/*
	 * The recorded fault is to be reflected.  EIP names the instruction and
	 * nothing has changed, but what string iterations did before the fault.
	 */
	EMULATE_FAULT,
	/* No instruction of ours: reflect the exception that brought us here. */
	EMULATE_UNKNOWN,
	/*
	 * INT n, INT3 or INTO: reflect soft_vector through the guest's gate (with
	 * its DPL check, unless DPL is no matter), the return address being
	 * EIP + length; a fault in doing so has EIP as it is.
	 */
	EMULATE_SOFT_INT,
};

enum emulate_cause {
	EMULATE_GP,		/* after #GP: privileged and I/O instructions */
	EMULATE_PAGE,		/* after #PF: instructions with a memory operand too */
};

/* Bits of emulate_context.events. */
#define EMULATE_SINGLE_STEP	1	/* EFLAGS.TF was set: deliver #DB with DR6.BS next */
#define EMULATE_STI_SHADOW	2	/* virtual IF has just been set by STI: no interrupt before the next instruction */
#define EMULATE_SS_SHADOW	4	/* SS was loaded (MOV, POP): no interrupt or #DB before the next instruction */

struct emulate_context {
	/* in */
	uint8_t cause;		/* enum emulate_cause */
	/* out, valid after EMULATED and EMULATE_SOFT_INT */
	uint8_t events;		/* EMULATE_SINGLE_STEP ... */
	uint8_t soft_vector;
	uint8_t length;		/* of the instruction */
};

/*
 * Executes the instruction at the frame's CS:EIP, or, if it repeats, at most
 * EMULATE_CHUNK iterations (one if TF is set): EIP then stays and RF is set
 * as the processor does when an interrupt comes between iterations.
 */
enum emulate_result emulate(struct frame *f, struct emulate_context *ctx);

#define EMULATE_CHUNK	64

/* ---- msr.c ---- */

/* RDMSR and WRMSR, as instructions or calls.  false: #GP, recorded. */
bool msr_read(uint32_t index, uint64_t *value);
bool msr_write(uint32_t index, uint64_t value);

/* At VMI_Init. */
void msr_adopt(void);

#endif
