// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time as docs/abi.md, section 7, has it.  The real counter is the TSC, so that
 * reading it needs nothing.  Stolen time is what the monitor takes for itself
 * while the guest could run; it stands in a page that the guest can read
 * (struct gate_info), with a number that changes whenever it does.  There is no
 * queue of alarms: deadline.c asks each for its next deadline.
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

/* The one that is armed, if only one is. */
static INLINE unsigned armed_counter(void)
{
	return this_vcpu()->alarm[VMI_CYCLES_REAL].armed ? VMI_CYCLES_REAL : VMI_CYCLES_AVAILABLE;
}

bool alarm_is_simple(uint64_t when)
{
	const struct alarm *a = &this_vcpu()->alarm[armed_counter()];

	return a->due == when &&
	       this_vcpu()->alarm[VMI_CYCLES_REAL].armed != this_vcpu()->alarm[VMI_CYCLES_AVAILABLE].armed &&
	       (a->flags & VMI_ALARM_WIRED_LVTT) && (!(a->flags & VMI_ALARM_IS_PERIODIC) || !a->period);
}

/*
 * The alarm is over, and the physical interrupt that the timer made for it ends.  If
 * none was offered to the gate, the guest forged the flag: ignore it.
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
