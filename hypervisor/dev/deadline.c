// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one physical timer (the local APIC's, one-shot) and all that waits for a
 * time: the guest's own APIC timer and its alarms.  The queue is no list: who
 * waits knows until when, so the next deadline is asked for, and nothing can
 * get out of step.  Times are cycles of the real counter, which is the TSC.
 */
#include "base/arith64.h"
#include "dev/irq.h"

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

static inline uint64_t guest_next(void)
{
	uint64_t when = earlier(cpu->alarm[VMI_CYCLES_REAL].due, cpu->alarm[VMI_CYCLES_AVAILABLE].due);
	uint64_t timer;

	return apic_timer_deadline(&cpu->apic, &timer) ? earlier(timer, when) : when;
}

/* Of what the guest waits for. */
uint64_t deadline_next(void)
{
	return guest_next();
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static __attribute__((noinline)) void set_timer(uint64_t when)
{
	uint32_t ticks = 0;
	uint64_t now;

	cpu->timer_when = when;
	if (when != NEVER) {
		when = later(when, cpu->timer_earliest);
		now = rdtsc();
		ticks = deadline_ticks(when > now ? when - now : 0);
	}
	cpu->timer_short = ticks == TICKS_MAX;
	PHYSICAL_APIC(APIC_TIMER_INITIAL) = ticks;
}

/* Alarms at LVTT concern the gate: is there one, or was there? */
static inline bool gate_is_concerned(void)
{
	uint32_t flags = cpu->alarm[VMI_CYCLES_REAL].flags | cpu->alarm[VMI_CYCLES_AVAILABLE].flags;

	return (flags & VMI_ALARM_WIRED_LVTT) || guest_info->alarm_vector;
}

/* Is an alarm all that the timer is for, and one that the gate can deliver? */
static bool is_one_alarm(uint64_t when)
{
	uint64_t timer;

	return alarm_is_simple(when) && !cpu->timer_short && !cpu->take_to &&
	       !apic_timer_deadline(&cpu->apic, &timer);
}

static __attribute__((noinline)) void settle_alarm(uint64_t when)
{
	cpu->info->alarm_due = when;
	if (!is_one_alarm(when))
		cpu->info->alarm_vector = 0;
	else if (!guest_info->alarm_vector)
		cpu->info->alarm_vector = irq_offer_alarm();
}

/*
 * Something about a deadline has changed, by somebody who knew of what the gate has
 * delivered: the timer is set to the next one.
 */
void deadline_update(void)
{
	uint64_t when = guest_next();

	if (cpu->take_to)
		when = earlier(when, cpu->take_from);
	if (when != cpu->timer_when)
		set_timer(when);
	if (gate_is_concerned())
		settle_alarm(when);
}

/* The gate has done what the timer was set for. */
void deadline_kept(void)
{
	PHYSICAL_APIC(APIC_EOI) = 0;
	cpu->timer_when = NEVER;
}

/* The timer has interrupted. */
void deadline_expire(void)
{
	uint64_t now = rdtsc();
	bool taken = cpu->take_to && cpu->take_from <= now, timer, alarm;

	cpu->timer_earliest = now + boot.khz / (FLOOR_HZ / 1000);
	cpu->timer_when = NEVER;
	if (taken)
		time_take();
	timer = apic_timer_expire(&cpu->apic, rdtsc());
	alarm = alarm_expire();
	if (!taken && !timer && !alarm)
		time_wasted(now);
	deadline_update();
}
