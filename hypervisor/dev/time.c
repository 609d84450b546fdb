// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time as docs/abi.md, section 7, has it.  The real counter is the TSC, so that
 * reading it needs nothing.  Stolen time is what the monitor takes for itself
 * while the guest could run; it stands in a page that the guest can read
 * (struct gate_info), with a number that changes whenever it does.  Alarms
 * are due by asking, as all deadlines are (deadline.c).
 */
#include "dev/irq.h"
#include "vmi_abi.h"

static uint64_t sum(uint64_t a, uint64_t b)
{
	return a + b < a ? NEVER : a + b;
}

#define real_alarm	(&cpu->alarm[VMI_CYCLES_REAL])
#define available_alarm	(&cpu->alarm[VMI_CYCLES_AVAILABLE])

/* An alarm, or what its counter says, has changed: when is it due in real time? */
static inline void alarm_changed(struct alarm *a)
{
	if (!a->armed)
		a->due = NEVER;
	else if (a == real_alarm)
		a->due = a->expiry;
	else
		a->due = sum(a->expiry, cpu->info->stolen);
}

void time_start(void)
{
	cpu->info->cycle_hz = (uint64_t)boot.khz * 1000;
	alarm_changed(real_alarm);
	alarm_changed(available_alarm);
}

/* ---- stolen time ---- */

static void steal(uint64_t from, uint64_t to)
{
	cpu->info->stolen += to - from;
	cpu->info->stolen_changes++;
	alarm_changed(available_alarm);
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
		alarm_learn();
		cpu->take_to = value;
		deadline_update();
	}
	return true;
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
static __attribute__((noinline)) void fire(struct alarm *a)
{
	uint64_t now = rdtsc();

	if (a == available_alarm)
		now -= cpu->info->stolen;
	if ((a->flags & VMI_ALARM_IS_PERIODIC) && a->period)
		a->expiry = sum(now - remainder64(now - a->expiry, a->period), a->period);
	else
		a->armed = false;
	alarm_changed(a);
	if (a->flags & VMI_ALARM_WIRED_LVTT)
		apic_alarm(&cpu->apic);
	else
		irq_tick();
	cpu->attention = 1;
}

static inline bool expire(struct alarm *a, uint64_t now)
{
	if (now < a->due)
		return false;
	fire(a);
	return true;
}

/* Does any alarm fire by now? */
bool alarm_expire(void)
{
	uint64_t now = rdtsc();
	bool real = expire(real_alarm, now);

	return expire(available_alarm, now) || real;
}

/* Is all that is armed one alarm, due at @when, that fires once and at LVTT? */
bool alarm_is_simple(uint64_t when)
{
	const struct alarm *a = real_alarm->armed ? real_alarm : available_alarm;

	return a->due == when && real_alarm->armed != available_alarm->armed &&
	       (a->flags & VMI_ALARM_WIRED_LVTT) && (!(a->flags & VMI_ALARM_IS_PERIODIC) || !a->period);
}

/* That alarm, by the gate.  If it had none to deliver, the guest lies. */
void alarm_delivered(void)
{
	struct alarm *a = real_alarm->armed ? real_alarm : available_alarm;

	guest_state->alarm_fired = 0;
	if (!guest_info->alarm_vector)
		return;
	a->armed = false;
	alarm_changed(a);
	deadline_kept();
}

/* EAX = flags, ECX:EDX = expiry, ESI:EDI = period: as halves lie in the frame. */
void call_set_alarm(struct frame *f)
{
	unsigned counter = f->eax & VMI_ALARM_COUNTER_MASK;
	struct alarm *a = &cpu->alarm[counter];
	uint64_t now = rdtsc();

	if (counter >= ALARMS)
		return;
	alarm_learn();
	expire(a, now);		/* what was due is not cancelled any more */
	a->armed = true;
	a->flags = f->eax;
	a->expiry = (uint64_t)f->ecx << 32 | f->edx;
	a->period = (uint64_t)f->esi << 32 | f->edi;
	alarm_changed(a);
	expire(a, now);
	deadline_update();
}

void call_cancel_alarm(struct frame *f)
{
	unsigned counter = f->eax & VMI_ALARM_COUNTER_MASK;
	struct alarm *a = &cpu->alarm[counter];

	f->eax = 0;
	if (counter >= ALARMS)
		return;
	alarm_learn();
	expire(a, rdtsc());
	f->eax = a->armed;
	a->armed = false;
	alarm_changed(a);
	deadline_update();
}

/* The timer came too early for anything: it was for the monitor alone. */
void time_wasted(uint64_t from)
{
	steal(from, rdtsc());
}
