// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters and alarms (docs/abi.md, section 7).  The real counter is the TSC, so the
 * guest reads it without the monitor.  Stolen time is the time that the monitor takes
 * for itself while the guest could run; available time is real time less stolen time.
 * Stolen time stands in a page that the guest can read (struct gate_info), beside a
 * number that changes whenever it does (vmi/time.asm).  There is no queue of alarms:
 * deadline.c asks each for its deadline.
 */
#include "dev/controllers.h"
#include "dev/time.h"
#include "vmi_abi.h"

void time_start(void)
{
	info_page_rw()->cycle_hz = (uint64_t)boot.khz * 1000;
	alarm_changed(VMI_CYCLES_REAL);
	alarm_changed(VMI_CYCLES_AVAILABLE);
}

void time_steal(uint64_t from, uint64_t to)
{
	info_page_rw()->stolen += to - from;
	info_page_rw()->stolen_changes++;
	alarm_changed(VMI_CYCLES_AVAILABLE);
}

/* ---- alarms ---- */

/* n % d by shifts and subtractions: arith64.h has no division by 64 bits. */
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

/*
 * A periodic alarm keeps its phase: the next expiry is a whole number of periods after
 * the last.  Periods that have been missed collapse into one.
 */
enum fired alarm_fire(unsigned counter)
{
	struct alarm *a = &this_vcpu()->alarm[counter];
	uint64_t now = rdtsc();

	if (counter == VMI_CYCLES_AVAILABLE)
		now -= info_page()->stolen;
	if ((a->flags & VMI_ALARM_IS_PERIODIC) && a->period)
		a->expiry = time_sum(now - remainder64(now - a->expiry, a->period), a->period);
	else
		a->armed = false;
	alarm_changed(counter);
	this_vcpu()->attention = 1;
	return a->flags & VMI_ALARM_WIRED_LVTT ? FIRED_LVTT : FIRED_IRQ0;
}

/* The counter whose alarm is armed, if exactly one is. */
static INLINE unsigned armed_counter(void)
{
	return this_vcpu()->alarm[VMI_CYCLES_REAL].armed ? VMI_CYCLES_REAL : VMI_CYCLES_AVAILABLE;
}

bool alarm_is_simple(uint64_t when)
{
	const struct vcpu *v = this_vcpu();
	const struct alarm *a = &v->alarm[armed_counter()];

	return a->due == when &&
	       v->alarm[VMI_CYCLES_REAL].armed != v->alarm[VMI_CYCLES_AVAILABLE].armed &&
	       (a->flags & VMI_ALARM_WIRED_LVTT) &&
	       (!(a->flags & VMI_ALARM_IS_PERIODIC) || !a->period);
}

/*
 * The gate has left the end of the timer's physical interrupt to the monitor: it is
 * ended here, and the alarm is disarmed.  If no alarm was offered to the gate, the
 * guest has forged the flag: ignore it.
 */
void alarm_delivered(void)
{
	unsigned counter = armed_counter();

	state_page()->alarm_fired = 0;
	if (!info_page()->alarm_vector)
		return;
	this_vcpu()->alarm[counter].armed = false;
	alarm_changed(counter);
	PHYSICAL_APIC(APIC_EOI) = 0;
	this_vcpu()->timer_when = NEVER;
}
