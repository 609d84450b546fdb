/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters and alarms, for the files of dev/ that drive them (time.c). */
#ifndef VMI_TIME_H
#define VMI_TIME_H

#include "dev/dev.h"
#include "vmi_abi.h"

/* From one real time to another the guest could have run, and did not. */
void time_steal(uint64_t from, uint64_t to);

/* An alarm fires: it goes on by its period, or is over.  Where it is to be delivered: */
enum fired { FIRED_IRQ0, FIRED_LVTT };
enum fired alarm_fire(unsigned counter);

/* A time that is beyond all counting is NEVER. */
static INLINE uint64_t time_sum(uint64_t a, uint64_t b)
{
	return a + b < a ? NEVER : a + b;
}

/* An alarm's fields, or what its counter says, have changed: when is it due in real time? */
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

/* Is all that is armed one alarm, due at @when, that fires once and at LVTT? */
bool alarm_is_simple(uint64_t when);

/* The gate says that it has delivered that alarm. */
void alarm_delivered(void);

/* Before anybody looks at the alarms: has the gate delivered one (entry/quick.c)? */
static INLINE void alarm_learn(void)
{
	if (state_page()->alarm_fired)
		alarm_delivered();
}

#endif
