/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters and alarms, through pointers: a ROM without these calls must not
 * refuse the kernel.  Natively there is nothing like them.
 */
#include "bench.h"

#define LOOPS		100
#define ALARMS		20
#define FAR		1000000000000ull
#define SOON		20000u
#define SPIN		100000u

typedef __typeof__(VMI_GetCycleCounter) counter_call;
typedef __typeof__(VMI_SetAlarm) set_call;
typedef __typeof__(VMI_CancelAlarm) cancel_call;

static volatile uint32_t fired;

static uint64_t read_counter(uint32_t counter)
{
	return ((counter_call *)vmi_entry(VMI_CALL_GetCycleCounter))(counter);
}

static void set_alarm(uint64_t expiry)
{
	((set_call *)vmi_entry(VMI_CALL_SetAlarm))(VMI_CYCLES_REAL, expiry, 0);
}

static void cancel_alarm(void)
{
	((cancel_call *)vmi_entry(VMI_CALL_CancelAlarm))(VMI_CYCLES_REAL);
}

static void run_counter(void)
{
	counter_call *call = (counter_call *)vmi_entry(VMI_CALL_GetCycleCounter);

	BENCH_LOOP(LOOPS, call(VMI_CYCLES_REAL));
}

static void run_available(void)
{
	counter_call *call = (counter_call *)vmi_entry(VMI_CALL_GetCycleCounter);

	BENCH_LOOP(LOOPS, call(VMI_CYCLES_AVAILABLE));
}

static void run_set(void)
{
	set_call *call = (set_call *)vmi_entry(VMI_CALL_SetAlarm);
	uint64_t expiry = read_counter(VMI_CYCLES_REAL) + FAR;

	BENCH_LOOP(LOOPS, call(VMI_CYCLES_REAL, expiry, 0));
	cancel_alarm();
}

static void run_set_cancel(void)
{
	set_call *set = (set_call *)vmi_entry(VMI_CALL_SetAlarm);
	cancel_call *cancel = (cancel_call *)vmi_entry(VMI_CALL_CancelAlarm);
	uint64_t expiry = read_counter(VMI_CYCLES_REAL) + FAR;

	BENCH_LOOP(LOOPS, { set(VMI_CYCLES_REAL, expiry, 0); cancel(VMI_CYCLES_REAL); });
}

static void handle_alarm(struct trap_frame *frame)
{
	(void)frame;
	fired++;
}

static uint64_t spin(void)
{
	uint64_t before = bench_now();
	uint32_t left = SPIN;

	__asm__ volatile("1: decl %0; jnz 1b" : "+r" (left));
	return bench_now() - before;
}

/* A fixed piece of work with an alarm in it, less the same without. */
static void run_fire(void)
{
	uint32_t before = fired;
	uint64_t quiet;
	unsigned int i;

	irq_set_handler(IRQ_TIMER, handle_alarm);
	bench_units(ALARMS);
	for (i = 0; i < ALARMS; i++) {
		vmi_enable_interrupts();
		quiet = spin();
		set_alarm(read_counter(VMI_CYCLES_REAL) + SOON);
		bench_add(spin() - quiet);
		vmi_disable_interrupts();
	}
	irq_set_handler(IRQ_TIMER, NULL);
	report(fired - before == ALARMS, "%u of %u alarms fired while they were timed",
	       fired - before, ALARMS);
}

#define NEEDS_ALARM	{ VMI_CALL_SetAlarm, VMI_CALL_GetCycleCounter }

const struct bench time_benches[] = {
	{ "cycle-counter", run_counter, BENCH_VMI_ONLY, { VMI_CALL_GetCycleCounter } },
	{ "cycle-counter-available", run_available, BENCH_VMI_ONLY, { VMI_CALL_GetCycleCounter } },
	{ "set-alarm", run_set, BENCH_VMI_ONLY, NEEDS_ALARM },
	{ "set-cancel-alarm", run_set_cancel, BENCH_VMI_ONLY, NEEDS_ALARM },
	{ "alarm-fires", run_fire, BENCH_VMI_ONLY | BENCH_COUNTED, NEEDS_ALARM },
	{ NULL, NULL, 0, { 0 } },
};
