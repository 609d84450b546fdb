// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one physical timer (the local APIC's, one-shot) and all that waits for a
 * time: the guest's own APIC timer and its alarms.  The queue is no list: who
 * waits knows until when, so the next deadline is asked for, and nothing can
 * get out of step.  Times are cycles of the real counter, which is the TSC.
 */
#include "base/arith64.h"
#include "dev/controllers.h"
#include "dev/time.h"
#include "vmi_abi.h"

#define TICKS_MAX	0x7fffffffu
#define FLOOR_HZ	100000u		/* the guest gets time between two expiries */

/* Cycles in ticks of the physical timer: never too early. */
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

/* Of what the guest waits for. */
static inline uint64_t guest_next(void)
{
	const struct vcpu *v = this_vcpu();
	uint64_t when = earlier(v->alarm[VMI_CYCLES_REAL].due, v->alarm[VMI_CYCLES_AVAILABLE].due);
	uint64_t timer;

	return apic_timer_deadline(&v->apic, &timer) ? earlier(timer, when) : when;
}

/* ---- setting the timer ---- */

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

/* Alarms at LVTT concern the gate: is there one, or was there? */
static inline bool gate_is_concerned(void)
{
	const struct alarm *alarm = this_vcpu()->alarm;
	uint32_t flags = alarm[VMI_CYCLES_REAL].flags | alarm[VMI_CYCLES_AVAILABLE].flags;

	return (flags & VMI_ALARM_WIRED_LVTT) || info_page()->alarm_vector;
}

/* Is an alarm all that the timer is for, and one that the gate can deliver? */
static bool is_one_alarm(uint64_t when)
{
	const struct vcpu *v = this_vcpu();
	uint64_t timer;

	return alarm_is_simple(when) && !v->timer_short && !v->take_to && !apic_timer_deadline(&v->apic, &timer);
}

static NOINLINE void settle_alarm(uint64_t when)
{
	info_page_rw()->alarm_due = when;
	if (!is_one_alarm(when))
		info_page_rw()->alarm_vector = 0;
	else if (!info_page()->alarm_vector)
		info_page_rw()->alarm_vector = controllers_offer_alarm();
}

/* The caller knows of what the gate has delivered (alarm_learn()). */
void deadline_update(void)
{
	const struct vcpu *v = this_vcpu();
	uint64_t when = guest_next();

	if (v->take_to)
		when = earlier(when, v->take_from);
	if (when != v->timer_when)
		set_timer(when);
	if (gate_is_concerned())
		settle_alarm(when);
}

/* ---- its expiry ---- */

static NOINLINE void fire(unsigned counter)
{
	if (alarm_fire(counter) == FIRED_LVTT)
		apic_alarm(&this_vcpu()->apic);
	else
		controllers_tick();
}

/* An alarm that is due by now fires. */
static INLINE bool expire(unsigned counter, uint64_t now)
{
	if (now < this_vcpu()->alarm[counter].due)
		return false;
	fire(counter);
	return true;
}

/*
 * Take the processor away from the guest, as another guest would: a test asks
 * for it.  While a halted vCPU has nothing to do, nothing is stolen from it.
 */
static void take_time(void)
{
	uint64_t from = rdtsc(), to = this_vcpu()->take_to;

	this_vcpu()->take_to = 0;
	if (this_vcpu()->halted && controllers_next() == CONTROLLERS_NONE)
		from = later(from, guest_next());
	while (rdtsc() < to)
		cpu_pause();
	if (to > from)
		time_steal(from, rdtsc());
}

void deadline_expire(void)
{
	struct vcpu *v = this_vcpu();
	uint64_t now = rdtsc(), after;
	bool taken = v->take_to && v->take_from <= now, timer, alarm;

	v->timer_earliest = now + boot.khz / (FLOOR_HZ / 1000);
	v->timer_when = NEVER;
	if (taken)
		take_time();
	timer = apic_timer_expire(&v->apic, rdtsc());
	after = rdtsc();
	alarm = expire(VMI_CYCLES_REAL, after);
	alarm = expire(VMI_CYCLES_AVAILABLE, after) || alarm;
	if (!taken && !timer && !alarm)
		time_steal(now, rdtsc());	/* too early for anything: it was for the monitor alone */
	deadline_update();
}

/* ---- what the guest asks for ---- */

bool alarm_set(const struct frame *f)
{
	unsigned counter = f->eax & VMI_ALARM_COUNTER_MASK;
	struct alarm *a = &this_vcpu()->alarm[counter];
	uint64_t now = rdtsc();

	if (counter >= ALARMS)
		return true;
	alarm_learn();
	expire(counter, now);	/* what was due is not cancelled any more */
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

/* From the real time in the first register to that in the second, a second at most. */
bool deadline_write_msr(uint32_t index, uint64_t value)
{
	struct vcpu *v = this_vcpu();

	if (index == MSR_TAKE_FROM) {
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
