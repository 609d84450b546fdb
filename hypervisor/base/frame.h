/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The registers of the interrupted guest, as entry/entry.asm pushes them on the
 * monitor's stack.  Everything that handles a trap works on this structure, and
 * the exit path loads the guest's registers from it.
 */
#ifndef VMI_FRAME_H
#define VMI_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/x86.h"

struct frame {
	/* by PUSHA */
	uint32_t edi, esi, ebp, skipped_esp, ebx, edx, ecx, eax;
	uint32_t es, ds;
	uint32_t vector;
	uint32_t info;		/* by vector: frame_error(), frame_port(), frame_is_halted() */
	/* pushed by the processor */
	uint32_t eip, cs, eflags, esp, ss;
	/* pushed too, but only if eflags.VM is set */
	uint32_t v86_es, v86_ds, v86_fs, v86_gs;
};

/* After an exception: its error code, or 0 if it has none. */
static inline uint32_t frame_error(const struct frame *f)
{
	return f->info;
}

/* After a port call (VECTOR_PORT and the PORT_CALLS - 1 vectors after it): the port. */
static inline uint16_t frame_port(const struct frame *f)
{
	return (uint16_t)f->info;
}

/* After an interrupt: did it end a HLT, for which the gate had the processor sleep? */
#define FRAME_HALTED	1u

static inline bool frame_is_halted(const struct frame *f)
{
	return f->info == FRAME_HALTED;
}

static inline bool frame_is_v86(const struct frame *f)
{
	return (f->eflags & EFLAGS_VM) != 0;
}

static inline bool frame_from_user(const struct frame *f)
{
	return frame_is_v86(f) || (f->cs & SELECTOR_RPL) == 3;
}

/*
 * Ring 1 always runs with IOPL 0 and with interrupts enabled, whatever flags it has
 * loaded: ports must trap, and the monitor must get every interrupt.
 */
static inline void frame_clean(struct frame *f)
{
	f->eflags = (f->eflags & ~EFLAGS_IOPL) | EFLAGS_IF;
}

#endif
