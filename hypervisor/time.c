// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time as docs/abi.md, section 7, has it.  The real counter is the TSC, so that
 * reading it needs nothing.  Stolen time is what the monitor takes for itself
 * while the guest could run; it stands in a page that the guest can read
 * (struct gate_info), with a number that changes whenever it does.  Alarms
 * are due by asking, as all deadlines are (deadline.c).
 */
#include "irq.h"
#include "vmi_abi.h"

#define NEVER		(~0ull)

void time_start(void)
{
	cpu->info->cycle_hz = (uint64_t)boot.khz * 1000;
}

static uint64_t sum(uint64_t a, uint64_t b)
{
	return a + b < a ? NEVER : a + b;
}

/* ---- stolen time ---- */

static void steal(uint64_t from, uint64_t to)
{
	cpu->info->stolen += to - from;
	cpu->info->stolen_changes++;
}

/*
 * Take the processor away from the guest, as another guest would: a test asks
 * for it.  While a halted vCPU has nothing to do, nothing is stolen from it.
 */
void time_take(void)
{
	uint64_t from = rdtsc(), to = cpu->take_to;

	cpu->take_to = 0;
	if (cpu->halted && !irq_waits()) {
		uint64_t ready = deadline_next();

		if (ready > from)
			from = ready;
	}
	while (rdtsc() < to)
		__asm__ volatile("pause");
	if (to > from)
		steal(from, rdtsc());
}

/* From the real time in the first register to that in the second, a second at most. */
bool time_write_msr(uint32_t index, uint64_t value)
{
	if (index == MSR_TAKE_FROM) {
		cpu->take_from = value;
	} else {
		if (value - cpu->take_from > cpu->info->cycle_hz)
			return false;
		cpu->take_to = value;
		deadline_update();
	}
	return true;
}

uint64_t time_take_deadline(void)
{
	return cpu->take_to ? cpu->take_from : NEVER;
}

/* ---- alarms ---- */

/* In real time. */
static uint64_t due(unsigned counter)
{
	const struct alarm *a = &cpu->alarm[counter];

	if (!a->armed)
		return NEVER;
	return counter == VMI_CYCLES_REAL ? a->expiry : sum(a->expiry, cpu->info->stolen);
}

uint64_t alarm_deadline(void)
{
	uint64_t real = due(VMI_CYCLES_REAL), available = due(VMI_CYCLES_AVAILABLE);

	return real < available ? real : available;
}

static uint64_t remainder64(uint64_t n, uint64_t d)
{
	uint64_t step = d;

	while (step <= n >> 1)
		step <<= 1;
	for (; step >= d; step >>= 1)
		if (n >= step)
			n -= step;
	return n;
}

/* Periods that have been missed collapse into one. */
static void fire(struct alarm *a, uint64_t now)
{
	if (a->period)
		a->expiry = sum(now - remainder64(now - a->expiry, a->period), a->period);
	else
		a->armed = false;
	if (a->lvtt)
		apic_alarm(&cpu->apic);
	else
		irq_tick();
	cpu->attention = 1;
}

/* Does any alarm fire by now? */
bool alarm_expire(void)
{
	uint64_t now = rdtsc();
	bool any = false;
	unsigned counter;

	for (counter = 0; counter < ALARMS; counter++) {
		if (now < due(counter) || !cpu->alarm[counter].armed)
			continue;
		any = true;
		fire(&cpu->alarm[counter],
		     counter == VMI_CYCLES_REAL ? now : now - cpu->info->stolen);
	}
	return any;
}

void alarm_set(uint32_t flags, uint64_t expiry, uint64_t period)
{
	struct alarm *a = &cpu->alarm[flags & VMI_ALARM_COUNTER_MASK];

	if ((flags & VMI_ALARM_COUNTER_MASK) >= ALARMS)
		return;
	alarm_expire();		/* what was due is not cancelled any more */
	a->armed = true;
	a->lvtt = flags & VMI_ALARM_WIRED_LVTT;
	a->expiry = expiry;
	a->period = flags & VMI_ALARM_IS_PERIODIC ? period : 0;
	alarm_expire();
	deadline_update();
}

bool alarm_cancel(uint32_t flags)
{
	struct alarm *a = &cpu->alarm[flags & VMI_ALARM_COUNTER_MASK];
	bool armed;

	if ((flags & VMI_ALARM_COUNTER_MASK) >= ALARMS)
		return false;
	alarm_expire();
	armed = a->armed;
	a->armed = false;
	deadline_update();
	return armed;
}

/* The timer came too early for anything: it was for the monitor alone. */
void time_wasted(uint64_t from)
{
	steal(from, rdtsc());
}
