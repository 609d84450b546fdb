// SPDX-License-Identifier: GPL-2.0-only
/*
 * The short way of inject.c, for what kernels have: an event through a 32-bit
 * gate, to flat code, onto a flat stack.  Whatever is otherwise, or faults on
 * the way, is left to the long way, which then starts afresh: a frame half
 * written lies where that writes it again.
 */
#include "monitor.h"

#define GATE_KIND	0x9e00u		/* of the high word: P, S, type but for the last bit */
#define GATE_WANTED	0x8e00u		/* present, 32-bit interrupt or trap gate */
#define GATE_TRAP	0x0100u

/* High word: base 0, limit F0000000h or more, 32-bit, present, DPL 1, code or writable data. */
#define FLAT_KIND	0xffcffc00u
#define FLAT_CODE	0x00cfb800u
#define FLAT_STACK_KIND	0xffcffe00u
#define FLAT_STACK	0x00cfb200u
#define FLAT_BASE_15_0	0xffff0000u	/* of the low word */
#define FLAT_BASE_23_16	0x000000ffu
#define FLAT_REACH	0xf0000000u
#define STACK_LEAST	64u		/* more than any frame */

#define shadow_gdt	((const struct descriptor *)HOLE_GDT)

static inline bool is_flat(uint16_t selector, uint32_t kind, uint32_t wanted)
{
	const struct descriptor *d = &shadow_gdt[selector / 8];

	return selector > 7 && !(selector & 4) && (selector | 7) <= cpu->gdt.limit &&
	       (d->high & (kind | FLAT_BASE_23_16)) == wanted && !(d->low & FLAT_BASE_15_0);
}

/* A gate that cannot be read is not present. */
static INLINE struct descriptor read_gate(unsigned vector)
{
	uint32_t at = cpu->idt.base + vector * 8;
	struct descriptor gate = { 0, 0 };

	if (vector * 8 + 7 > cpu->idt.limit || at >= FLAT_REACH)
		return gate;
	__asm__ volatile("1: movl (%2), %0\n\t" FIXUP("2f") "\n\t"
			 "1: movl 4(%2), %1\n\t" FIXUP("2f") "\n\t"
			 "2:"
			 : "=&r"(gate.low), "+&r"(gate.high) : "r"(at));
	return gate;
}

/* What is flat is so until segment_reload(). */
static __attribute__((noinline)) bool learn(struct flat *known, struct descriptor gate, uint32_t ss)
{
	uint32_t cs = gate.low >> 16;

	if ((gate.high & GATE_KIND) != GATE_WANTED || gate.high >= FLAT_REACH)
		return false;
	if (!is_flat((uint16_t)cs, FLAT_KIND, FLAT_CODE) || !is_flat((uint16_t)ss, FLAT_STACK_KIND, FLAT_STACK))
		return false;
	*known = (struct flat){
		.gate = gate, .ss = ss, .cs = (cs & ~3u) | 1,
		.eip = (gate.low & 0xffff) | (gate.high & 0xffff0000u),
	};
	return true;
}

static INLINE bool knows(const struct flat *known, struct descriptor gate, uint32_t ss)
{
	return gate.low == known->gate.low && gate.high == known->gate.high && ss == known->ss;
}

/* Store the frame's word @i. */
#define PUT(frame, i, word)						\
	__asm__ goto("1: movl %1, %c2(%0)\n\t" FIXUP("%l[bad]")	\
		     : : "r"(frame), "r"(word), "i"((i) * 4) : "memory" : bad)

/* The frame's parts: what all have, what those from ring 3 have, the error code. */
static inline bool put_frame(const struct frame *f, uint32_t at, uint32_t cs, uint32_t flags)
{
	PUT(at, 0, f->eip);
	PUT(at, 1, cs);
	PUT(at, 2, flags);
	return true;
bad:
	return false;
}

static inline bool put_stack(const struct frame *f, uint32_t at, uint32_t ss)
{
	PUT(at, 3, f->esp);
	PUT(at, 4, ss);
	return true;
bad:
	return false;
}

static inline bool put_error(uint32_t at, uint32_t error)
{
	PUT(at, 0, error);
	return true;
bad:
	return false;
}

/*
 * Once for each ring that is left, so that neither has to ask: ring 3 for the
 * kernel's stack, ring 1 goes on with its own.
 */
static INLINE bool enter(struct frame *f, struct flat *known, struct descriptor gate,
			 bool has_error, uint32_t error, const bool user)
{
	uint32_t ss = user ? cpu->ss0 | 1 : f->ss & 0xffff;
	uint32_t esp = user ? cpu->esp0 : f->esp;
	uint32_t vif = user ? EFLAGS_IF : guest_state->virtual_if & EFLAGS_IF;
	uint32_t old_cs = f->cs, old_ss = f->ss;

	if (esp - STACK_LEAST >= FLAT_REACH - STACK_LEAST)
		return false;
	if (!knows(known, gate, ss) && !learn(known, gate, ss))
		return false;
	if (!cpu->iret_by_call) {	/* RPLs are taken off, so that a raw IRET traps */
		old_cs = user ? old_cs : old_cs & ~3u;
		old_ss &= ~3u;
	}
	esp -= user ? 20 : 12;
	if (!put_frame(f, esp, old_cs, (f->eflags & ~(EFLAGS_IF | EFLAGS_IOPL)) | vif | cpu->iopl << 12))
		return false;
	if (user && !put_stack(f, esp, old_ss))
		return false;
	if (has_error && !put_error(esp -= 4, error))
		return false;
	guest_state->virtual_if = known->gate.high & GATE_TRAP ? vif : 0;
	f->eip = known->eip;
	f->cs = known->cs;
	if (user)
		f->ss = ss;
	f->esp = esp;
	f->eflags &= ~(EFLAGS_NT | EFLAGS_RF);
	return true;
}

/* TF may be the monitor's, and what is to be done then the long way knows. */
static INLINE bool deliver(struct frame *f, enum flat_kind kind, unsigned vector, bool has_error, uint32_t error)
{
	struct descriptor gate = read_gate(vector);
	struct flat *known = &cpu->flat[kind];

	if (f->eflags & (EFLAGS_VM | EFLAGS_TF))
		return false;
	if (!(f->cs & 2))		/* ring 1 */
		return enter(f, known, gate, has_error, error, false);
	return cpu->stack_by_call && enter(f, known, gate, has_error, error, true);
}

bool deliver_flat_exception(struct frame *f, unsigned vector, uint32_t error)
{
	return deliver(f, FLAT_EXCEPTION, vector, has_error_code(vector), error);
}

/* To the end: it is what there mostly is. */
void reflect_page_fault(struct frame *f, uint32_t linear, uint32_t error)
{
	if (deliver(f, FLAT_PAGE_FAULT, VECTOR_PF, true, error)) {
		guest_state->cr2 = linear;
		cpu->stats[STAT_PAGE_FAULT]++;
	} else {
		cpu->fault.cr2 = linear;
		reflect(f, VECTOR_PF, error);
	}
	trap_end(f);
}

bool deliver_flat_interrupt(struct frame *f, unsigned vector)
{
	return deliver(f, FLAT_INTERRUPT, vector, false, 0);
}
