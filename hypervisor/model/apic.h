/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The local APIC that a vCPU sees (docs/interrupts.md).
 *
 * The model is pure software: one structure per vCPU, without a clock and without
 * access to memory or hardware, so the host tests compile it as it is.  The monitor
 * (dev/controllers.c, dev/deadline.c) passes it the guest's register accesses, asks
 * it which vector to deliver, calls it when the deadline of its timer has come, and
 * takes from it what concerns others: IPIs, and level-triggered EOIs for the
 * IO-APIC.  Times are in cycles of real time.
 */
#ifndef VMI_APIC_H
#define VMI_APIC_H

#include <stdbool.h>
#include <stdint.h>

/* Offsets of the registers in the APIC's page (SDM volume 3, 10.4.1). */
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

/* An interrupt message, from one local APIC to others or from the IO-APIC. */
struct apic_message {
	uint8_t vector;
	uint8_t mode;		/* enum apic_mode */
	uint8_t dest;
	bool logical;		/* dest is a logical destination */
	bool level;		/* level-triggered */
	bool others;		/* to all but the sender; dest is ignored */
};

/* Cycles per tick, as a fixed-point number with 16 fraction bits. */
#define APIC_TICK(cycles)	((uint32_t)(cycles) << 16)

/* The index in struct apic's reg[] of the register at @offset. */
#define APIC_INDEX(offset)	((offset) >> 4)

struct apic {
	uint32_t reg[0x40];		/* register values as read, by APIC_INDEX */
	uint8_t isr_words;		/* bit n: word n of ISR is not 0 */
	uint8_t irr_words;		/* the same for IRR */
	bool enabled;			/* by IA32_APIC_BASE and by SVR */
	bool lint0;			/* level of the pin */
	bool running;			/* the timer is counting */
	bool ipi_waits;			/* ipi is to be sent */
	int16_t eoi_vector;		/* an EOI for the IO-APIC, or -1 */
	struct apic_message ipi;
	uint32_t errors;		/* since the last write to ESR */
	uint32_t cycles_per_tick;	/* of the undivided timer clock, APIC_TICK() */
	uint64_t start;			/* when the current count began */
	uint64_t period;		/* length of a count, from initial count and divisor */
	uint64_t base;			/* IA32_APIC_BASE */
};

/*
 * Power-on state: globally enabled at FEE00000h, software-disabled, all LVT
 * entries masked.  The caller then loads what firmware or guest had set up, with
 * apic_write(), SVR first.  @cycles_per_tick is at least APIC_TICK(1).
 */
void apic_init(struct apic *a, uint8_t id, bool bsp, uint32_t cycles_per_tick);

/* What an INIT does: it resets everything but the ID and IA32_APIC_BASE. */
void apic_reset(struct apic *a);

/*
 * The guest reads or writes a register; only the low 12 bits of @offset are used.
 * After a write the caller must look at apic_pending(), apic_take_ipi(),
 * apic_take_eoi_vector() and apic_timer_deadline(), any of which may have changed.
 */
uint32_t apic_read(struct apic *a, uint32_t offset, uint64_t now);
void apic_write(struct apic *a, uint32_t offset, uint32_t value, uint64_t now);

/* The guest writes IA32_APIC_BASE.  false: the value is invalid, raise #GP. */
bool apic_set_base(struct apic *a, uint64_t value);

/* The vector that can be delivered now, or -1. */
int apic_pending(const struct apic *a);

/* Move that vector from IRR to ISR and return it; the spurious vector if there is none. */
int apic_ack(struct apic *a);

/* The same, for a caller that has just got @vector from apic_pending(). */
void apic_serve(struct apic *a, unsigned vector);

/*
 * @vector is in service.  Is it edge-triggered, and no other vector in service or
 * requested?  Then its EOI has no effect but to end it, and may be learnt of late.
 */
bool apic_serves_alone(const struct apic *a, unsigned vector);

/*
 * The alarm of VMI_SetAlarm without a pass through IRR.  If its vector could be
 * delivered at once, or could be as soon as its own last interrupt is ended, put it
 * in service and return it; @serving tells whether it was in service already.
 * Returns -1, with nothing changed, if anything else is in service or requested.
 */
int apic_serve_alarm(struct apic *a, bool *serving);

/* Is this APIC a destination of a message to @dest? */
bool apic_matches(const struct apic *a, uint8_t dest, bool logical);

/*
 * The message that a PCI function sends by writing @data to @address (SDM volume 3, 10.11).
 * false: it is none for a local APIC, or in a mode other than fixed and lowest priority.
 */
bool apic_decode_message(uint32_t address, uint32_t upper, uint32_t data, struct apic_message *m);

/* A fixed or lowest-priority interrupt arrives.  false: it was dropped. */
bool apic_accept(struct apic *a, uint8_t vector, bool level);

/*
 * The pin LINT0, which is wired to the output of the 8259 pair, has this level now.
 * The model uses it only while LVT LINT0 is in fixed mode (apic_hears_lint0()), but
 * it must be up to date when that entry is written.  For ExtINT mode, where the pair
 * supplies the vector, see apic_accepts_extint().
 */
void apic_set_lint0(struct apic *a, bool level);

/* An alarm of VMI_SetAlarm fires, by the vector of LVT timer.  false: it is lost. */
bool apic_alarm(struct apic *a);

/*
 * Does the timer have a deadline?  If so, apic_timer_expire() must be called at that
 * time or later; it returns true if that requested an interrupt.  A periodic timer
 * counts from its own last deadline, so it does not drift; if several periods were
 * missed they make one interrupt.
 */
static inline bool apic_timer_deadline(const struct apic *a, uint64_t *deadline)
{
	if (!a->running || a->reg[APIC_INDEX(APIC_LVT_TIMER)] & APIC_LVT_MASKED)
		return false;
	*deadline = a->start + a->period;
	return true;
}

bool apic_timer_expire(struct apic *a, uint64_t now);

/* Take over the state of the physical timer: @current of @initial ticks remain at @now. */
void apic_timer_adopt(struct apic *a, uint32_t initial, uint32_t current, uint64_t now);

static inline bool apic_globally_enabled(const struct apic *a)
{
	return ((uint32_t)a->base & APIC_BASE_ENABLE) != 0;
}

/* Does the level of LINT0 matter, as LVT LINT0 is in fixed mode and not masked? */
static inline bool apic_hears_lint0(const struct apic *a)
{
	return !(a->reg[APIC_INDEX(APIC_LVT_LINT0)] & (APIC_LVT_MASKED | APIC_LVT_MODE));
}

/* Does the APIC decode the guest-physical address @address? */
static inline bool apic_decodes(const struct apic *a, uint64_t address)
{
	return apic_globally_enabled(a) && ((a->base ^ address) >> 12) == 0;
}

/* Does the processor accept interrupts from the 8259 pair directly (ExtINT)? */
static inline bool apic_accepts_extint(const struct apic *a)
{
	return !apic_globally_enabled(a) ||
	       (a->reg[APIC_INDEX(APIC_LVT_LINT0)] &
		(APIC_LVT_MASKED | APIC_LVT_MODE)) == APIC_EXTINT << 8;
}

/* The vector of a level-triggered interrupt that was ended since the last call, or -1. */
static inline int apic_take_eoi_vector(struct apic *a)
{
	int vector = a->eoi_vector;

	a->eoi_vector = -1;
	return vector;
}

/*
 * The IPI that the last write to ICR sends to other processors.  false: none.  A
 * fixed or lowest-priority interrupt has been delivered to the sender already, if it
 * is a destination; with other modes the sender is one if apic_matches() says so.
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
