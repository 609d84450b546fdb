// SPDX-License-Identifier: GPL-2.0-only
/*
 * The part of the fast path (flat.h) that needs the monitor: it finds out whether code
 * and stack are flat, and remembers the answer for each kind of event.
 */
#include "cpu/flat.h"

/*
 * The high word of a flat descriptor: base 0, limit F0000000h or more, 32-bit, present,
 * DPL 1, code or writable data.
 */
#define FLAT_KIND	0xffcffc00u
#define FLAT_CODE	0x00cfb800u
#define FLAT_STACK_KIND	0xffcffe00u
#define FLAT_STACK	0x00cfb200u
#define FLAT_BASE_15_0	0xffff0000u	/* of the low word */
#define FLAT_BASE_23_16	0x000000ffu

/* Is @selector one of the GDT, and are the bits @kind of its shadow as @wanted? */
static inline bool is_flat(uint16_t selector, uint32_t kind, uint32_t wanted)
{
	const struct descriptor *d = (const struct descriptor *)HOLE_GDT + selector / 8;

	return selector > 7 && !(selector & SELECTOR_TI) &&
	       (selector | 7) <= this_vcpu()->gdt.limit &&
	       (d->high & (kind | FLAT_BASE_23_16)) == wanted && !(d->low & FLAT_BASE_15_0);
}

/*
 * Check gate, code and stack, and remember them if they are flat.  segment_reload(),
 * which follows every change of a shadow descriptor, forgets them.
 */
static NOINLINE bool learn_flat(enum flat_kind kind, struct descriptor gate, uint32_t ss)
{
	if (!gate_is_usual(gate) || !is_flat((uint16_t)(gate.low >> 16), FLAT_KIND, FLAT_CODE) ||
	    !is_flat((uint16_t)ss, FLAT_STACK_KIND, FLAT_STACK))
		return false;
	info_page_rw()->flat[kind] = (struct flat){
		.gate = gate, .ss = ss, .cs = gate_code(gate), .eip = gate_handler(gate),
	};
	return true;
}

static INLINE bool is_known(const struct flat *known, struct descriptor gate, uint32_t ss)
{
	return gate.low == known->gate.low && gate.high == known->gate.high && ss == known->ss;
}

/* Deliver through @gate, if code and stack are flat. */
static INLINE bool enter_known(struct frame *f, enum flat_kind kind, struct descriptor gate,
			       bool has_error, uint32_t error, const bool user)
{
	const struct flat *known = &info_page()->flat[kind];
	uint32_t ss = flat_ss(f, user);

	if (!is_known(known, gate, ss) && !learn_flat(kind, gate, ss))
		return false;
	return flat_enter(f, ss, known->cs, known->eip, known->gate.high, has_error, error, user);
}

/*
 * Deliver an event by the fast path.  From ring 3 only with a stack that was named by a
 * call: it need not be read from the TSS.
 */
static INLINE bool deliver_flat(struct frame *f, enum flat_kind kind, unsigned vector,
				bool has_error, uint32_t error)
{
	struct descriptor gate = flat_gate(vector);

	if (!flat_allows(f))
		return false;
	if (flat_from_kernel(f))
		return enter_known(f, kind, gate, has_error, error, false);
	return info_page()->stack_by_call && enter_known(f, kind, gate, has_error, error, true);
}

bool deliver_flat_exception(struct frame *f, unsigned vector, uint32_t error)
{
	return deliver_flat(f, FLAT_EXCEPTION, vector, has_error_code(vector), error);
}

bool deliver_flat_page_fault(struct frame *f, uint32_t linear, uint32_t error)
{
	if (!deliver_flat(f, FLAT_PAGE_FAULT, VECTOR_PF, true, error)) {
		this_vcpu()->fault.cr2 = linear;
		return refuse(VECTOR_PF, error);
	}
	state_page()->cr2 = linear;
	this_vcpu()->stats[STAT_PAGE_FAULT]++;
	return true;
}

bool deliver_flat_interrupt(struct frame *f, unsigned vector)
{
	return deliver_flat(f, FLAT_INTERRUPT, vector, false, 0);
}
