/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The short way of inject.c, for what kernels have: an event through a 32-bit
 * gate, to flat code, onto a flat stack.  Whatever is otherwise, or faults on
 * the way, is left to the long way, which then starts afresh: a frame half
 * written lies where that writes it again.
 *
 * Here is what needs nothing that only the monitor has mapped, since the gate
 * goes that way, too (quick.c).
 */
#ifndef VMI_FLAT_H
#define VMI_FLAT_H

#include "cpu/cpu.h"

#define FLAT_GATE_KIND	0x9e00u		/* of the high word: P, S, type but for the last bit */
#define FLAT_GATE	0x8e00u		/* present, 32-bit interrupt or trap gate */
#define FLAT_REACH	0xf0000000u	/* the hole is above */
#define STACK_LEAST	64u		/* more than any frame */

/* A gate that cannot be read is not present. */
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

/* Store the frame's word @i. */
#define PUT(frame, i, word)						\
	__asm__ goto("1: movl %1, %c2(%0)\n\t" FIXUP("%l[bad]")	\
		     : : "r"(frame), "r"(word), "i"((i) * 4) : "memory" : bad)

/* The frame's parts: what all have, what those from ring 3 have, the error code. */
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

static INLINE uint32_t gate_handler(struct descriptor gate)
{
	return (gate.low & 0xffff) | (gate.high & 0xffff0000u);
}

static INLINE uint32_t gate_code(struct descriptor gate)
{
	return (gate.low >> 16 & ~3u) | 1;
}

static INLINE bool gate_is_usual(struct descriptor gate)
{
	return ((gate.high & FLAT_GATE_KIND) == FLAT_GATE) & (gate.high < FLAT_REACH);
}

/* The stack that ring 1 has, or ring 3 gets there. */
static INLINE uint32_t flat_ss(const struct frame *f, bool user)
{
	return user ? info_page()->ss0 | 1u : f->ss & 0xffff;
}

/*
 * Onto a stack at @ss that is known to be flat, to such code.  Once for each ring
 * that is left, so that neither has to ask: ring 3 for the kernel's stack, ring 1
 * goes on with its own.
 */
static INLINE bool flat_enter(struct frame *f, uint32_t ss, uint32_t cs, uint32_t eip, uint32_t type,
			      bool has_error, uint32_t error, const bool user)
{
	uint32_t esp = user ? info_page()->esp0 : f->esp;
	uint32_t vif = user ? EFLAGS_IF : vif_flag();
	uint32_t old_cs = f->cs, old_ss = f->ss;

	if (esp - STACK_LEAST >= FLAT_REACH - STACK_LEAST)
		return false;
	if (!info_page()->iret_by_call) {	/* RPLs are taken off, so that a raw IRET traps */
		old_cs = user ? old_cs : old_cs & ~3u;
		old_ss &= ~3u;
	}
	esp -= user ? 20 : 12;
	if (!put_frame(f, esp, old_cs,
		       (f->eflags & ~(EFLAGS_IF | EFLAGS_IOPL)) | vif | info_page()->iopl << 12))
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

/* TF may be the monitor's, and what is to be done then the long way knows. */
static INLINE bool flat_allows(const struct frame *f)
{
	return !(f->eflags & (EFLAGS_VM | EFLAGS_TF));
}

/* Ring 1, not ring 3. */
static INLINE bool flat_from_kernel(const struct frame *f)
{
	return !(f->cs & 2);
}

/* flat.c: inject.c's short way.  false: nothing has happened, take the long one. */
bool deliver_flat_exception(struct frame *f, unsigned vector, uint32_t error);
bool deliver_flat_interrupt(struct frame *f, unsigned vector);

#endif
