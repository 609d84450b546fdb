// SPDX-License-Identifier: GPL-2.0-only
/*
 * Deadlines: one physical timer (the local APIC's, one-shot) serves everything that
 * waits for a time, which is the guest's own APIC timer and its alarms (time.c).
 * There is no list of deadlines.  Each source knows its own, and whenever one may have
 * changed the earliest is asked for again, so nothing can get out of step.  Times are
 * cycles of the real counter, which is the TSC.
 */
#include "base/arith64.h"
#include "dev/controllers.h"
#include "dev/time.h"
#include "vmi_abi.h"

#define TICKS_MAX	0x7fffffffu
#define FLOOR_HZ	100000u	/* expiries a second at most: the guest gets time between */

/* Cycles in ticks of the physical timer, rounded up: it must not fire too early. */
uint32_t deadline_ticks(uint64_t cycles)
{
	uint64_t ticks;

	if (cycles >> 40)
		return TICKS_MAX;
	ticks = scale31(cycles, boot.apic_rate) + 1;
	return ticks > TICKS_MAX ? TICKS_MAX : (uint32_t)ticks;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* The earliest deadline of the guest. */
static inline uint64_t guest_next(void)
{
	const struct vcpu *v = this_vcpu();
	uint64_t when = earlier(v->alarm[VMI_CYCLES_REAL].due, v->alarm[VMI_CYCLES_AVAILABLE].due);
	uint64_t timer;

	return apic_timer_deadline(&v->apic, &timer) ? earlier(timer, when) : when;
}

/* ---- setting the timer ---- */

/* ---- stolen time on request: in a build that checks, for tests (docs/time.md) ---- */

#ifdef VMI_CHECK
static uint64_t taking_begins(void)
{
	const struct vcpu *v = this_vcpu();

	return v->take_to ? v->take_from : NEVER;
}

/*
 * Keep the processor from the guest, as a second guest would.  A halted vCPU loses
 * nothing before its next deadline, so that part is not stolen.
 */
static bool take_time(uint64_t now)
{
	struct vcpu *v = this_vcpu();
	uint64_t from = rdtsc(), to = v->take_to;

	if (taking_begins() > now)
		return false;
	v->take_to = 0;
	if (v->halted && controllers_next() == CONTROLLERS_NONE)
		from = later(from, guest_next());
	while (rdtsc() < to)
		cpu_pause();
	if (to > from)
		time_steal(from, rdtsc());
	return true;
}

/* A write of MSR_TAKE_FROM only notes when to begin; one of MSR_TAKE_TO arms it. */
bool deadline_write_msr(uint32_t index, uint64_t value)
{
	struct vcpu *v = this_vcpu();

	if (index == MSR_TAKE_FROM) {
		v->take_to = 0;
		v->take_from = value;
	} else {
		if (value - v->take_from > info_page()->cycle_hz)
			return false;
		alarm_learn();
		v->take_to = value;
		deadline_update();
	}
	return true;
}
#else
static INLINE uint64_t taking_begins(void)
{
	return NEVER;
}

static INLINE bool take_time(uint64_t now)
{
	(void)now;
	return false;
}
#endif

/*
 * A deadline farther than TICKS_MAX takes several expiries: timer_short says that the
 * next is not the deadline yet, and deadline_expire() sets the timer again.
 */
static NOINLINE void set_timer(uint64_t when)
{
	struct vcpu *v = this_vcpu();
	uint32_t ticks = 0;
	uint64_t now;

	v->timer_when = when;
	if (when != NEVER) {
		when = later(when, v->timer_earliest);
		now = rdtsc();
		ticks = deadline_ticks(when > now ? when - now : 0);
	}
	v->timer_short = ticks == TICKS_MAX;
	PHYSICAL_APIC(APIC_TIMER_INITIAL) = ticks;
}

/*
 * Only an alarm at the guest's LVTT can be delivered by the gate.  Is there one, or is
 * one still offered to the gate?
 */
static inline bool gate_is_concerned(void)
{
	const struct alarm *alarm = this_vcpu()->alarm;
	uint32_t flags = alarm[VMI_CYCLES_REAL].flags | alarm[VMI_CYCLES_AVAILABLE].flags;

	return (flags & VMI_ALARM_WIRED_LVTT) || info_page()->alarm_vector;
}

/*
 * Is the timer set for one alarm and nothing else, and can the gate deliver that
 * alarm?
 */
static bool is_one_alarm(uint64_t when)
{
	const struct vcpu *v = this_vcpu();
	uint64_t timer;

	return alarm_is_simple(when) && !v->timer_short && taking_begins() == NEVER &&
	       !apic_timer_deadline(&v->apic, &timer);
}

/* Tell the gate which alarm it may deliver without the monitor (entry/quick.c), if any. */
static NOINLINE void settle_alarm(uint64_t when)
{
	info_page_rw()->alarm_due = when;
	if (!is_one_alarm(when))
		info_page_rw()->alarm_vector = 0;
	else if (!info_page()->alarm_vector)
		info_page_rw()->alarm_vector = controllers_offer_alarm();
}

/* The caller has learnt whether the gate has delivered an alarm (alarm_learn()). */
void deadline_update(void)
{
	const struct vcpu *v = this_vcpu();
	uint64_t when = guest_next();

	when = earlier(when, taking_begins());
	if (when != v->timer_when)
		set_timer(when);
	if (gate_is_concerned())
		settle_alarm(when);
}

/* ---- the timer expires ---- */

static NOINLINE void fire(unsigned counter)
{
	if (alarm_fire(counter) == FIRED_LVTT)
		apic_alarm(&this_vcpu()->apic);
	else
		controllers_tick();
}

/* Fire the alarm of @counter if it is due at @now; true if it was. */
static INLINE bool expire(unsigned counter, uint64_t now)
{
	if (now < this_vcpu()->alarm[counter].due)
		return false;
	fire(counter);
	return true;
}

/*
 * If nothing is due (the deadline may be farther than the timer counts), the expiry
 * was for the monitor alone, and the time that it took is stolen from the guest.
 */
void deadline_expire(void)
{
	struct vcpu *v = this_vcpu();
	uint64_t now = rdtsc(), after;
	bool taken, timer, alarm;

	v->timer_earliest = now + boot.khz / (FLOOR_HZ / 1000);
	v->timer_when = NEVER;
	taken = take_time(now);
	timer = apic_timer_expire(&v->apic, rdtsc());
	after = rdtsc();
	alarm = expire(VMI_CYCLES_REAL, after);
	alarm = expire(VMI_CYCLES_AVAILABLE, after) || alarm;
	if (!taken && !timer && !alarm)
		time_steal(now, rdtsc());
	deadline_update();
}

/* ---- calls of the guest ---- */

/* The old alarm of the same counter still fires if it was due before this call. */
bool alarm_set(const struct frame *f)
{
	unsigned counter = f->eax & VMI_ALARM_COUNTER_MASK;
	struct alarm *a = &this_vcpu()->alarm[counter];
	uint64_t now = rdtsc();

	if (counter >= ALARMS)
		return true;
	alarm_learn();
	expire(counter, now);
	a->armed = true;
	a->flags = f->eax;
	a->expiry = (uint64_t)f->ecx << 32 | f->edx;
	a->period = (uint64_t)f->esi << 32 | f->edi;
	alarm_changed(counter);
	expire(counter, now);
	deadline_update();
	return true;
}

bool alarm_cancel(unsigned counter)
{
	struct alarm *a = &this_vcpu()->alarm[counter];
	bool armed;

	if (counter >= ALARMS)
		return false;
	alarm_learn();
	expire(counter, rdtsc());
	armed = a->armed;
	a->armed = false;
	alarm_changed(counter);
	deadline_update();
	return armed;
}
