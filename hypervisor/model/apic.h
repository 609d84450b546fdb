/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The local APIC that a vCPU sees (docs/interrupts.md).
 *
 * Pure software: one structure per vCPU, no clock of its own, no memory
 * access.  The monitor hands it the guest's register accesses, asks it what to
 * deliver, calls it when its timer's deadline has come, and takes from it the
 * interrupts that concern others: IPIs, and level-triggered EOIs for the
 * IO-APIC.  Times are cycles of the real counter.
 */
#ifndef VMI_APIC_H
#define VMI_APIC_H

#include <stdbool.h>
#include <stdint.h>

/* Offsets of registers in the APIC's page. */
#define APIC_ID			0x020
#define APIC_VERSION		0x030
#define APIC_TPR		0x080
#define APIC_APR		0x090
#define APIC_PPR		0x0a0
#define APIC_EOI		0x0b0
#define APIC_RRD		0x0c0
#define APIC_LDR		0x0d0
#define APIC_DFR		0x0e0
#define APIC_SVR		0x0f0
#define APIC_ISR		0x100
#define APIC_TMR		0x180
#define APIC_IRR		0x200
#define APIC_ESR		0x280
#define APIC_ICR_LOW		0x300
#define APIC_ICR_HIGH		0x310
#define APIC_LVT_TIMER		0x320
#define APIC_LVT_THERMAL	0x330
#define APIC_LVT_PERFORMANCE	0x340
#define APIC_LVT_LINT0		0x350
#define APIC_LVT_LINT1		0x360
#define APIC_LVT_ERROR		0x370
#define APIC_TIMER_INITIAL	0x380
#define APIC_TIMER_CURRENT	0x390
#define APIC_TIMER_DIVIDE	0x3e0

#define APIC_DIVIDE_BY_1	0xbu	/* of APIC_TIMER_DIVIDE */
#define APIC_SVR_ENABLE		0x00000100u

#define APIC_LVT_MODE		0x00000700u
#define APIC_LVT_REMOTE_IRR	0x00004000u
#define APIC_LVT_LEVEL		0x00008000u
#define APIC_LVT_MASKED		0x00010000u
#define APIC_LVT_PERIODIC	0x00020000u

#define APIC_ESR_SEND_ILLEGAL		0x20u
#define APIC_ESR_RECEIVE_ILLEGAL	0x40u
#define APIC_ESR_ILLEGAL_REGISTER	0x80u

/* IA32_APIC_BASE (MSR 1Bh). */
#define APIC_BASE_BSP		0x100u
#define APIC_BASE_ENABLE	0x800u
#define APIC_BASE_DEFAULT	0xfee00000u

enum apic_mode {			/* delivery modes */
	APIC_FIXED, APIC_LOWEST, APIC_SMI, APIC_RESERVED,
	APIC_NMI, APIC_INIT, APIC_STARTUP, APIC_EXTINT
};

/* What travels between local APICs and from the IO-APIC to them. */
struct apic_message {
	uint8_t vector;
	uint8_t mode;		/* enum apic_mode */
	uint8_t dest;
	bool logical;		/* dest is a logical one */
	bool level;		/* level-triggered */
	bool others;		/* all but the sender, dest does not count */
};

/* Cycles per tick are counted in units of 1/65536. */
#define APIC_TICK(cycles)	((uint32_t)(cycles) << 16)

/* A register's place in struct apic. */
#define APIC_INDEX(offset)	((offset) >> 4)

struct apic {
	uint32_t reg[0x40];		/* as read, by APIC_INDEX */
	uint8_t isr_words;		/* bit n: word n of ISR is not 0 */
	uint8_t irr_words;
	bool enabled;			/* by IA32_APIC_BASE and by SVR */
	bool lint0;			/* the pin */
	bool running;			/* the timer counts */
	bool ipi_waits;
	int16_t eoi_vector;		/* for the IO-APIC, or -1 */
	struct apic_message ipi;
	uint32_t errors;		/* since the last write to ESR */
	uint32_t cycles_per_tick;	/* of the undivided timer clock, APIC_TICK() */
	uint64_t start;			/* when the present count began */
	uint64_t period;		/* how long it takes, by initial count and divisor */
	uint64_t base;			/* IA32_APIC_BASE */
};

/*
 * Power-on state: globally enabled at FEE00000h, software-disabled, all LVT
 * entries masked.  What firmware or guest had set up is loaded with
 * apic_write(), SVR first.  @cycles_per_tick is at least APIC_TICK(1).
 */
void apic_init(struct apic *a, uint8_t id, bool bsp, uint32_t cycles_per_tick);

/* What an INIT does: all but the ID and IA32_APIC_BASE. */
void apic_reset(struct apic *a);

/*
 * A register access of the guest's; the low 12 bits of @offset count.  After a
 * write look at apic_pending(), apic_take_ipi(), apic_take_eoi_vector() and
 * apic_timer_deadline().
 */
uint32_t apic_read(struct apic *a, uint32_t offset, uint64_t now);
void apic_write(struct apic *a, uint32_t offset, uint32_t value, uint64_t now);

/* IA32_APIC_BASE: false if the value is #GP. */
bool apic_set_base(struct apic *a, uint64_t value);

/* The vector that can be delivered now, or -1. */
int apic_pending(const struct apic *a);

/* Moves that vector to ISR and returns it; the spurious one if there is none. */
int apic_ack(struct apic *a);

/* The same, of the vector that apic_pending() has just said. */
void apic_serve(struct apic *a, unsigned vector);

/*
 * Is @vector, in service, alone: edge-triggered, no other in service or requested?
 * Then its end concerns nobody.
 */
bool apic_serves_alone(const struct apic *a, unsigned vector);

/*
 * The vector by which an alarm would be delivered at once, or again if its last
 * interrupt has ended; or -1.  It is put in service, for which it is alone; true
 * in @serving if it was already.
 */
int apic_serve_alarm(struct apic *a, bool *serving);

/* Does a message with this destination concern this APIC? */
bool apic_matches(const struct apic *a, uint8_t dest, bool logical);

/* A fixed or lowest-priority interrupt arrives; false if it is dropped. */
bool apic_accept(struct apic *a, uint8_t vector, bool level);

/*
 * LINT0, the 8259 pair's output, changes.  It matters while LVT LINT0 is in
 * fixed mode (apic_hears_lint0()), and has to be right when that is written to;
 * ExtINT is asked for with apic_accepts_extint().
 */
void apic_set_lint0(struct apic *a, bool level);

/* An alarm of VMI_SetAlarm fires at the timer's vector; false if it is lost. */
bool apic_alarm(struct apic *a);

/*
 * True when a timer deadline has to be kept; apic_timer_expire() is to be
 * called at or after it, and returns true if that made an interrupt pending.
 * A periodic timer counts from its own last deadline, so it does not drift,
 * and periods that were missed collapse into one interrupt.
 */
static inline bool apic_timer_deadline(const struct apic *a, uint64_t *deadline)
{
	if (!a->running || a->reg[APIC_INDEX(APIC_LVT_TIMER)] & APIC_LVT_MASKED)
		return false;
	*deadline = a->start + a->period;
	return true;
}

bool apic_timer_expire(struct apic *a, uint64_t now);

/* The timer of the physical APIC, as found: @current of @initial ticks remain. */
void apic_timer_adopt(struct apic *a, uint32_t initial, uint32_t current, uint64_t now);

static inline bool apic_globally_enabled(const struct apic *a)
{
	return ((uint32_t)a->base & APIC_BASE_ENABLE) != 0;
}

static inline bool apic_hears_lint0(const struct apic *a)
{
	return !(a->reg[APIC_INDEX(APIC_LVT_LINT0)] & (APIC_LVT_MASKED | APIC_LVT_MODE));
}

/* Does the APIC answer at this guest-physical page? */
static inline bool apic_decodes(const struct apic *a, uint64_t address)
{
	return apic_globally_enabled(a) && ((a->base ^ address) >> 12) == 0;
}

/* Does the processor take the 8259 pair's interrupts? */
static inline bool apic_accepts_extint(const struct apic *a)
{
	return !apic_globally_enabled(a) ||
	       (a->reg[APIC_INDEX(APIC_LVT_LINT0)] &
		(APIC_LVT_MASKED | APIC_LVT_MODE)) == APIC_EXTINT << 8;
}

/* The vector of a level-triggered EOI since the last call, or -1. */
static inline int apic_take_eoi_vector(struct apic *a)
{
	int vector = a->eoi_vector;

	a->eoi_vector = -1;
	return vector;
}

/*
 * What the last write to ICR sends to others.  The sender's own share of a
 * fixed or lowest-priority interrupt is done already; with other modes the
 * sender is one of the destinations if apic_matches() says so.
 */
static inline bool apic_take_ipi(struct apic *a, struct apic_message *m)
{
	bool waits = a->ipi_waits;

	if (waits)
		*m = a->ipi;
	a->ipi_waits = false;
	return waits;
}

#endif
