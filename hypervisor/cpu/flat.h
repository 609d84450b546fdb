/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fast path for delivering events, for what kernels usually have: a 32-bit gate, flat
 * code, and a flat stack.  Everything else, and a fault on the way, is left to the slow
 * path in inject.c, which starts again from the beginning.  A frame that is half written
 * by then does no harm, since the slow path writes it again at the same place.
 *
 * This header has the part that works without the monitor's mappings, as the gate
 * delivers interrupts this way, too (entry/quick.c).  The rest is in flat.c.
 */
#ifndef VMI_FLAT_H
#define VMI_FLAT_H

#include "cpu/cpu.h"

#define FLAT_GATE_KIND	0x9e00u		/* high word: P, S, and type without bit 0 */
#define FLAT_GATE	0x8e00u		/* present, 32-bit interrupt or trap gate */
#define FLAT_REACH	0xf0000000u	/* addresses below it are not in the hole */
#define STACK_LEAST	64u		/* more than any frame */

/* Read the guest's gate for @vector.  One that cannot be read is returned as not present. */
static INLINE struct descriptor flat_gate(unsigned vector)
{
	uint32_t at = info_page()->idt.base + vector * 8;
	struct descriptor gate = { 0, 0 };

	if ((vector * 8 + 7 > info_page()->idt.limit) | (at >= FLAT_REACH))
		return gate;
	__asm__ volatile("1: movl (%2), %0\n\t" FIXUP("2f") "\n\t"
			 "1: movl 4(%2), %1\n\t" FIXUP("2f") "\n\t"
			 "2:"
			 : "=&r"(gate.low), "+&r"(gate.high) : "r"(at));
	return gate;
}

/* Store word @i of the guest's stack frame at @frame; on a fault go to the label bad. */
#define PUT(frame, i, word)						\
	__asm__ goto("1: movl %1, %c2(%0)\n\t" FIXUP("%l[bad]")	\
		     : : "r"(frame), "r"(word), "i"((i) * 4) : "memory" : bad)

/* The parts of the frame: the one of every event; SS:ESP, from ring 3; the error code. */
static INLINE bool put_frame(const struct frame *f, uint32_t at, uint32_t cs, uint32_t flags)
{
	PUT(at, 0, f->eip);
	PUT(at, 1, cs);
	PUT(at, 2, flags);
	return true;
bad:
	return false;
}

static INLINE bool put_stack(const struct frame *f, uint32_t at, uint32_t ss)
{
	PUT(at, 3, f->esp);
	PUT(at, 4, ss);
	return true;
bad:
	return false;
}

static INLINE bool put_error(uint32_t at, uint32_t error)
{
	PUT(at, 0, error);
	return true;
bad:
	return false;
}

/* The handler's EIP, and its CS with RPL 1. */
static INLINE uint32_t gate_handler(struct descriptor gate)
{
	return (gate.low & 0xffff) | (gate.high & 0xffff0000u);
}

static INLINE uint32_t gate_code(struct descriptor gate)
{
	return (gate.low >> 16 & ~SELECTOR_RPL) | 1;
}

/* Is it a present 32-bit interrupt or trap gate, with its handler below the hole? */
static INLINE bool gate_is_usual(struct descriptor gate)
{
	return ((gate.high & FLAT_GATE_KIND) == FLAT_GATE) & (gate.high < FLAT_REACH);
}

/* The SS of the handler: that of the kernel's stack after ring 3 (@user), else unchanged. */
static INLINE uint32_t flat_ss(const struct frame *f, bool user)
{
	return user ? info_page()->ss0 | 1u : f->ss & 0xffff;
}

/*
 * Deliver an event to code at @cs:@eip, with the stack in @ss, both known to be flat.
 * @type is the high word of the gate.  @user says that ring 3 is left, for the kernel's
 * stack; ring 1 goes on with its own.  It is constant, so that the compiler makes one
 * copy for each and neither has to test.  false: a fault; only the stack has changed.
 */
static INLINE bool flat_enter(struct frame *f, uint32_t ss, uint32_t cs, uint32_t eip,
			      uint32_t type, bool has_error, uint32_t error, const bool user)
{
	uint32_t esp = user ? info_page()->esp0 : f->esp;
	uint32_t vif = user ? EFLAGS_IF : vif_flag();
	uint32_t old_cs = f->cs, old_ss = f->ss;

	if (esp - STACK_LEAST >= FLAT_REACH - STACK_LEAST)
		return false;
	if (!info_page()->iret_by_call) {	/* RPL 0 makes a raw IRET trap */
		old_cs = user ? old_cs : old_cs & ~SELECTOR_RPL;
		old_ss &= ~SELECTOR_RPL;
	}
	esp -= user ? 20 : 12;
	if (!put_frame(f, esp, old_cs, (f->eflags & ~(EFLAGS_IF | EFLAGS_IOPL)) | vif |
					       info_page()->iopl << EFLAGS_IOPL_SHIFT))
		return false;
	if (user && !put_stack(f, esp, old_ss))
		return false;
	if (has_error && !put_error(esp -= 4, error))
		return false;
	state_page()->virtual_if = type & GATE_TRAP ? vif : 0;
	f->eip = eip;
	f->cs = cs;
	if (user)
		f->ss = ss;
	f->esp = esp;
	f->eflags &= ~(EFLAGS_NT | EFLAGS_RF);
	return true;
}

/*
 * V8086 mode is left to the slow path; so is TF, which may have been set by the monitor
 * itself (vcpu.stepping).
 */
static INLINE bool flat_allows(const struct frame *f)
{
	return !(f->eflags & (EFLAGS_VM | EFLAGS_TF));
}

/* Was ring 1 interrupted, not ring 3? */
static INLINE bool flat_from_kernel(const struct frame *f)
{
	return !(f->cs & 2);
}

/* flat.c: the fast path.  false: nothing was delivered, take the slow path. */
bool deliver_flat_exception(struct frame *f, unsigned vector, uint32_t error);
bool deliver_flat_interrupt(struct frame *f, unsigned vector);

#endif
