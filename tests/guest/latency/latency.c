/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: in an idle kernel 10,000 alarms of a millisecond come as punctually as a native APIC timer's one-shots.
 * Environments: native segment paged
 * Qemu: -icount shift=1,sleep=off
 *
 * Lateness is from the expiry to the handler's first reading of the TSC.
 */
#include "runtime.h"

#include "apic.h"
#include "vmi.h"

#define VECTOR			0x71
#define ALARMS			10000

static uint64_t came, ms;
static uint32_t count, apic_ms;

static bool handle(struct trap_frame *frame)
{
	came = vmi_rdtsc();
	(void)frame;
	count++;
	apic_write(APIC_EOI, 0);
	return true;
}

/* The TSC and the APIC's timer by the PIT. */
static void calibrate(void)
{
	uint64_t start = vmi_rdtsc();

	apic_ms = apic_timer_fiftieth(TIMER_DIVIDE_1) / 20;
	ms = (uint32_t)(vmi_rdtsc() - start) / 20;
	apic_write(APIC_LVT_TIMER, VECTOR);
}

/* Returns when it is due. */
static uint64_t arm(void)
{
	uint64_t due = vmi_rdtsc() + ms;

	if (platform_is_vmi())
		vmi_set_alarm(VMI_CYCLES_REAL | VMI_ALARM_WIRED_LVTT, due, 0);
	else
		apic_write(APIC_TIMER_INITIAL, apic_ms);
	return due;
}

int main(void)
{
	uint32_t i, late, worst = 0, early = 0;
	uint64_t due, total = 0;

	apic_enable();
	trap_set_handler(VECTOR, handle);
	calibrate();
	if (platform_is_vmi())
		ms = (uint32_t)vmi_get_cycle_frequency() / 1000;
	for (i = 0; i < ALARMS; i++) {
		due = arm();
		vmi_halt();
		vmi_disable_interrupts();
		early += platform_is_vmi() && came < due;
		late = came > due ? (uint32_t)(came - due) : 0;
		total += late;
		if (late > worst)
			worst = late;
	}
	report_equal(count, ALARMS, "alarms");
	report_equal(early, 0, "none is early");
	report(worst < (uint32_t)ms / 20, "the worst is %u cycles late, the average %u, of %u",
	       worst, (uint32_t)total / ALARMS, (uint32_t)ms);
	return 0;
}
