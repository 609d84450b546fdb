/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters and alarms (time.c), for the files of dev/ that drive them. */
#ifndef VMI_TIME_H
#define VMI_TIME_H

#include "dev/dev.h"
#include "vmi_abi.h"

/* Between these times of the real counter the guest could have run, and did not. */
void time_steal(uint64_t from, uint64_t to);

/*
 * The alarm of @counter fires: it is armed again one period later, or disarmed.  Returns
 * where its interrupt is to be raised.
 */
enum fired { FIRED_IRQ0, FIRED_LVTT };
enum fired alarm_fire(unsigned counter);

/* A sum that exceeds 64 bits is NEVER. */
static INLINE uint64_t time_sum(uint64_t a, uint64_t b)
{
	return a + b < a ? NEVER : a + b;
}

/* An alarm, or the reading of its counter, has changed: compute its deadline anew. */
static INLINE void alarm_changed(unsigned counter)
{
	struct alarm *a = &this_vcpu()->alarm[counter];

	if (!a->armed)
		a->due = NEVER;
	else if (counter == VMI_CYCLES_REAL)
		a->due = a->expiry;
	else
		a->due = time_sum(a->expiry, info_page()->stolen);
}

/* Is exactly one alarm armed, due at @when, and does it fire once, at LVTT? */
bool alarm_is_simple(uint64_t when);

/* The gate says that it has delivered that alarm. */
void alarm_delivered(void);

/*
 * Has the gate delivered an alarm (entry/quick.c)?  Whoever looks at the alarms calls
 * this first.
 */
static INLINE void alarm_learn(void)
{
	if (state_page()->alarm_fired)
		alarm_delivered();
}

#endif
