// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any sequence of calls from the start on.  The loop is one step of it from any
 * state in the invariant: a word of ISR or IRR that isr_words or irr_words name is
 * not 0 (exhaust_models.c shows that set_bit() and clear_bit() keep it so; here only the
 * highest one counts), a timer that runs has an initial count.
 *
 * Proves: apic.c: no run-time error in any sequence of calls
 * Options: -eva-slevel 500 -eva-unroll-recursive-calls 3 -eva-ilevel 64 -eva-split-return-function exists:0
 */
#include "prove.h"

#include "model/apic.c"

static int top_isr, top_irr, runs;

ARITH64 uint64_t div64_32(uint64_t n, uint32_t d)
{
	return n / d;
}

/* The words below the highest one that is not 0 may be anything. */
static uint8_t any_words(uint32_t *bits, int top)
{
	if (top < 0)
		return 0;
	bits[top] = any_of(1, 0xffffffff);
	return (uint8_t)any_of(1u << top, (2u << top) - 1);
}

static void any_state(struct apic *a)
{
	any_bytes(a, sizeof(*a));
	a->isr_words = any_words(&a->reg[ISR], top_isr);
	a->irr_words = any_words(&a->reg[IRR], top_irr);
	a->enabled = any_bool();
	a->lint0 = any_bool();
	a->ipi_waits = any_bool();
	a->ipi.logical = any_bool();
	a->ipi.level = any_bool();
	a->ipi.others = any_bool();
	a->eoi_vector = (int16_t)Frama_C_interval(-1, 255);
	a->cycles_per_tick = any_of(APIC_TICK(1), 0xffffffff);
	a->running = runs;
	if (runs)
		a->reg[INITIAL] = any_of(1, 0xffffffff);
}

/* The invariant, after each call by itself: what differs is joined later. */
static void verify(const struct apic *a)
{
	//@ check divisor: a->cycles_per_tick >= 65536;
	//@ check end: -1 <= a->eoi_vector <= 255;
	//@ check counts: !a->running || a->reg[INITIAL] != 0;
}

/*
 * The initial count apart, so that 0 is told from the others, and an APIC that is
 * switched off from one that is not.  Of @offset 12 bits count.
 */
static void write_any(struct apic *a)
{
	switch (any_of(0, 4)) {
	case 0:
		apic_write(a, any_of(0, APIC_TIMER_INITIAL - 1), any_u32, any_u64);
		verify(a);
		break;
	case 1:
		a->base = APIC_BASE_DEFAULT;
		apic_write(a, APIC_TIMER_INITIAL, any_u32, any_u64);
		verify(a);
		break;
	case 2:
		a->base = APIC_BASE_DEFAULT | APIC_BASE_ENABLE;
		apic_write(a, APIC_TIMER_INITIAL, 0, any_u64);
		verify(a);
		break;
	case 3:
		a->base = APIC_BASE_DEFAULT | APIC_BASE_ENABLE;
		apic_write(a, APIC_TIMER_INITIAL, any_of(1, 0xffffffff), any_u64);
		verify(a);
		break;
	case 4:
		apic_write(a, any_of(APIC_TIMER_INITIAL + 1, 0xfff), any_u32, any_u64);
		verify(a);
		break;
	}
}

/* Anything, for run-time errors; on and off apart for the invariant, since only one of them resets. */
static void set_any_base(struct apic *a)
{
	uint64_t page = any_of(0, 0xfffff);

	switch (any_of(0, 2)) {
	case 0:
		apic_set_base(a, any_u64);
		break;
	case 1:
		a->base = APIC_BASE_DEFAULT | APIC_BASE_ENABLE;
		apic_set_base(a, page * 0x1000 + APIC_BASE_ENABLE);
		verify(a);
		break;
	case 2:
		a->base = APIC_BASE_DEFAULT | APIC_BASE_ENABLE;
		apic_set_base(a, page * 0x1000);
		verify(a);
		break;
	}
}

static void step(struct apic *a)
{
	struct apic_message m;
	uint64_t deadline;
	int vector = -1;
	bool serving;

	switch (any_of(0, 15)) {
	case 0:
		apic_read(a, any_u32, any_u64);
		break;
	case 1:
		write_any(a);
		break;
	case 2:
		set_any_base(a);
		break;
	case 3:
		vector = apic_pending(a);
		if (vector >= 0)
			apic_serve(a, (unsigned)vector);
		break;
	case 4:
		vector = apic_ack(a);
		verify(a);
		break;
	case 5:
		apic_serves_alone(a, any_u8);
		break;
	case 6:
		vector = apic_serve_alarm(a, &serving);
		verify(a);
		break;
	case 7:
		apic_matches(a, any_u8, any_bool());
		break;
	case 8:
		apic_accept(a, any_u8, any_bool());
		verify(a);
		break;
	case 9:
		apic_set_lint0(a, any_bool());
		verify(a);
		break;
	case 10:
		apic_alarm(a);
		verify(a);
		break;
	case 11:
		apic_timer_expire(a, any_u64);
		verify(a);
		break;
	case 12:
		/* of a count of 0 nothing can remain */
		apic_timer_adopt(a, 0, 0, any_u64);
		verify(a);
		break;
	case 13:
		apic_timer_adopt(a, any_of(1, 0xffffffff), any_u32, any_u64);
		verify(a);
		break;
	case 14:
		vector = apic_take_eoi_vector(a);
		break;
	case 15:
		apic_timer_deadline(a, &deadline);
		apic_take_ipi(a, &m);
		apic_decodes(a, any_u64);
		apic_reset(a);
		verify(a);
		break;
	}
	//@ check vector: -1 <= vector <= 255;
}

void prove(void)
{
	struct apic a;

	any_bytes(&a, sizeof(a));
	a.lint0 = any_bool();
	apic_init(&a, any_u8, any_bool(), any_of(APIC_TICK(1), 0xffffffff));
	for (top_isr = -1; top_isr < 8; top_isr++)
		for (top_irr = -1; top_irr < 8; top_irr++)
			for (runs = 0; runs < 2; runs++) {
				any_state(&a);
				step(&a);
			}
}
