// SPDX-License-Identifier: GPL-2.0-only
/*
 * Monitor calls for alarms and wall time (dev/deadline.c, dev/wallclock.c).  The cycle
 * counters are no monitor calls: the VMI layer reads them at ring 1 (vmi/time.asm).
 */
#include "dev/dev.h"
#include "entry/call.h"

bool call_SetAlarm(struct frame *f)
{
	return alarm_set(f);
}

bool call_CancelAlarm(struct frame *f)
{
	f->eax = alarm_cancel(f->eax & VMI_ALARM_COUNTER_MASK);
	return true;
}

bool call_GetWallclockTime(struct frame *f)
{
	uint64_t ns = wallclock_time();

	f->eax = (uint32_t)ns;
	f->edx = (uint32_t)(ns >> 32);
	return true;
}

bool call_WallclockUpdated(struct frame *f)
{
	f->eax = wallclock_updated();
	return true;
}
