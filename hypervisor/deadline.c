// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one physical timer (the local APIC's, one-shot) and all that waits for a
 * time: the guest's own APIC timer and its alarms.  The queue is no list: who
 * waits knows until when, so the next deadline is asked for, and nothing can
 * get out of step.  Times are cycles of the real counter, which is the TSC.
 */
#include "arith64.h"
#include "irq.h"

#define NEVER		(~0ull)
#define TICKS_MAX	0x7fffffffu
#define FLOOR_HZ	100000u		/* the guest gets time between two expiries */

/* Cycles in ticks of the physical timer, rounded up: never too early. */
uint32_t deadline_ticks(uint64_t cycles)
{
	uint64_t ticks;

	if (cycles >> 40)
		return TICKS_MAX;
	ticks = div64_32(cycles << 16, boot.apic_tick) + 1;
	return ticks > TICKS_MAX ? TICKS_MAX : (uint32_t)ticks;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Of what the guest waits for. */
uint64_t deadline_next(void)
{
	uint64_t when;

	return apic_timer_deadline(&cpu->apic, &when) ? earlier(when, alarm_deadline()) :
							alarm_deadline();
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Something about a deadline has changed: the timer is set to the next one. */
void deadline_update(void)
{
	uint64_t when = earlier(deadline_next(), time_take_deadline()), now;
	uint32_t ticks = 0;

	if (when == cpu->timer_when)
		return;
	cpu->timer_when = when;
	if (when != NEVER) {
		when = later(when, cpu->timer_last + boot.khz / (FLOOR_HZ / 1000));
		now = rdtsc();
		ticks = deadline_ticks(when > now ? when - now : 0);
	}
	PHYSICAL_APIC(APIC_TIMER_INITIAL) = ticks;
}

/* The timer has interrupted. */
void deadline_expire(void)
{
	uint64_t now = rdtsc();
	bool taken = time_take_deadline() <= now, timer, alarm;

	cpu->timer_last = now;
	cpu->timer_when = NEVER;
	if (taken)
		time_take();
	timer = apic_timer_expire(&cpu->apic, rdtsc());
	alarm = alarm_expire();
	deadline_update();
	if (!taken && !timer && !alarm)
		time_wasted(now);
}
