/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The clock as real clients drive it: the PIT stopped, a periodic alarm on
 * IRQ 0, moved to the local APIC's timer vector, one-shots there.  Natively, and
 * where the ROM has no time calls, the PIT stays.
 */
#include "client.h"

#define MODE_STOP	0x3a		/* channel 0, mode 5: waits for a gate that never comes */
#define APIC_SPURIOUS	0xf0
#define APIC_LVTT	0x320
#define APIC_ENABLE	0x1ffu
#define WANTED		5u
#define PERIODIC	(VMI_CYCLES_AVAILABLE | VMI_ALARM_IS_PERIODIC)
#define PATIENCE	2000000000u

static uint64_t now(uint32_t counter)
{
	typedef uint64_t REGPARM get(uint32_t counter);

	return ((get *)op_entries[VMI_NUMBER_GetCycleCounter])(counter);
}

static void set_alarm(uint32_t flags, uint64_t expiry, uint64_t period)
{
	typedef void REGPARM set(uint32_t flags, uint64_t expiry, uint64_t period);

	((set *)op_entries[VMI_NUMBER_SetAlarm])(flags, expiry, period);
}

static bool wait_for(volatile uint32_t *count, uint32_t wanted)
{
	uint32_t patience = PATIENCE;

	client_enable();
	while (*count < wanted && --patience)
		__asm__ volatile("rep; nop");
	client_disable();
	return *count >= wanted;
}

static void stop_pit(void)
{
	__asm__ volatile("outb %0, $0x43" : : "a" ((uint8_t)MODE_STOP));
	__asm__ volatile("outb %0, $0x40; outb %0, $0x40" : : "a" ((uint8_t)0));
}

void test_time(void)
{
	typedef uint64_t REGPARM frequency_function(void);
	uint64_t frequency, begin, period;

	if (!op_entries[VMI_NUMBER_GetCycleFrequency])
		return;
	frequency = ((frequency_function *)op_entries[VMI_NUMBER_GetCycleFrequency])();
	period = frequency >> 8;
	stop_pit();
	ticks = 0;
	begin = now(VMI_CYCLES_AVAILABLE);
	set_alarm(PERIODIC | VMI_ALARM_WIRED_IRQ0, begin, period);
	report(wait_for(&ticks, WANTED), "a periodic alarm on IRQ 0");
	report(now(VMI_CYCLES_AVAILABLE) - begin >= (WANTED - 1) * period, "and not too early");
	report_equal(OP1(CancelAlarm, PERIODIC), 1, "CancelAlarm of an armed one");
	OP2(APICWrite, APIC_SPURIOUS, APIC_ENABLE);
	OP2(APICWrite, APIC_LVTT, VECTOR_ALARM);
	set_alarm(PERIODIC | VMI_ALARM_WIRED_LVTT, now(VMI_CYCLES_AVAILABLE) + period, period);
	report(wait_for(&alarms, WANTED), "moved to the APIC's timer vector");
	report_equal(OP1(CancelAlarm, PERIODIC), 1, "cancelled there");
	/* One that fired before it was cancelled may still wait. */
	client_enable();
	client_disable();
	alarms = 0;
	set_alarm(VMI_CYCLES_REAL | VMI_ALARM_WIRED_LVTT, now(VMI_CYCLES_REAL) + period, 0);
	report(wait_for(&alarms, 1), "a one-shot");
	report_equal(OP1(CancelAlarm, VMI_CYCLES_REAL), 0, "which is not armed any more");
}
