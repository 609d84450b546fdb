/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: a halt ends with an interrupt of any source, by VMI_Halt and by STI; HLT, and misses none that comes while it begins.
 * Environments: native segment paged bochs
 * Qemu: -icount shift=2,sleep=off -rtc clock=vm
 */
#include "runtime.h"

#include "apic.h"
#include "pit.h"
#include "rtc.h"
#include "statistic.h"
#include "vmi.h"

#define VECTOR			0x71
#define SWEEP			300

static volatile uint32_t apic_count, pit_count, rtc_count;
static bool raw;

static bool on_apic(struct trap_frame *frame)
{
	(void)frame;
	apic_count++;
	apic_write(APIC_EOI, 0);
	return true;
}

static void on_pit(struct trap_frame *frame)
{
	(void)frame;
	pit_count++;
}

static void on_rtc(struct trap_frame *frame)
{
	(void)frame;
	rtc_read(RTC_C);
	rtc_count++;
}

static void halt(void)
{
	if (raw)
		__asm__ volatile("sti; hlt" : : : "memory");
	else
		vmi_halt();
	vmi_disable_interrupts();
}

/* The interrupt comes before, while and after the halt begins. */
static void test_sweep(void)
{
	uint32_t i, pit = pit_count, apic = apic_count;

	for (i = 1; i <= SWEEP; i++) {
		pit_one_shot(1 + i / 8);
		halt();
		if (pit_count != pit + i)
			break;
	}
	report_equal(pit_count - pit, SWEEP, "halts and one-shots of the PIT");
	for (i = 1; i <= SWEEP; i++) {
		apic_write(APIC_TIMER_INITIAL, i * 40);
		halt();
		if (apic_count != apic + i)
			break;
	}
	report_equal(apic_count - apic, SWEEP, "halts and one-shots of the APIC's timer");
}

static void test_sources(void)
{
	uint32_t before = apic_count, i;

	apic_write(APIC_ICR_LOW, ICR_SELF | VECTOR);
	halt();
	report_equal(apic_count - before, 1, "what waits ends it at once");
	before = rtc_count;
	irq_set_handler(IRQ_RTC, on_rtc);
	rtc_write(RTC_B, RTC_B_24_HOURS | RTC_B_PERIODIC);
	rtc_read(RTC_C);
	for (i = 0; i < 10; i++)
		halt();
	rtc_write(RTC_B, RTC_B_24_HOURS);
	rtc_read(RTC_C);
	irq_set_handler(IRQ_RTC, NULL);
	report(rtc_count - before >= 10 && rtc_count - before <= 11, "the clock's interrupts: %u",
	       rtc_count - before);
}

/* What the monitor was entered for; asking enters it, too. */
static uint32_t entries(void)
{
	return statistic("interrupt") + statistic("timer") + statistic("call") +
	       statistic("deliver") + statistic("iret");
}

static void wait_for_tick(void)
{
	pit_one_shot(1000);
	halt();
}

static void wait_for_alarm(void)
{
	vmi_set_alarm(VMI_CYCLES_REAL | VMI_ALARM_WIRED_LVTT,
		      vmi_get_cycle_counter(VMI_CYCLES_REAL) + vmi_get_cycle_frequency() / 1000, 0);
	halt();
}

#define WAITS	20

/* Waits of an idle guest's, each with @calls to the monitor: it is not entered for more, but at first. */
static void test_quiet(void (*wait)(void), volatile uint32_t *count, uint32_t calls, const char *what)
{
	uint32_t before, asking, i, arrived = *count;

	before = entries();
	asking = entries() - before;
	before = entries();
	for (i = 0; i < WAITS; i++)
		wait();
	report_equal(*count - arrived, WAITS, "halts and %s", what);
	if (platform_is_vmi() && !raw)
		report(entries() - before - asking <= WAITS * calls + 3, "which the gate has delivered");
}

static void test_alarms(void)
{
	uint32_t i, before = pit_count;

	if (!platform_is_vmi())
		return;
	for (i = 1; i <= SWEEP; i++) {
		vmi_set_alarm(i % 2, vmi_get_cycle_counter(i % 2) + i * 40, 0);
		halt();
		if (pit_count != before + i)
			break;
	}
	report_equal(pit_count - before, SWEEP, "halts and alarms");
}

extern const char int_halt[];
__asm__(".pushsection .text\n int_halt: .byte 0xcd, 0xfb; ret\n .popsection");

/*
 * The second byte of VMI_Halt's INT FBh is STI.  Executed so, it leaves the monitor a
 * note that no interrupt may come right behind it; that is where the halt sleeps.
 */
static void test_stale_shadow(void)
{
	uint32_t before = pit_count, i;

	if (!platform_is_vmi())
		return;
	for (i = 1; i <= 2; i++) {
		vmi_disable_interrupts();
		if (i == 2)
			pit_one_shot(1000);
		__asm__ volatile("call *%0" : : "r"((uint32_t)int_halt + 2 - i) : "memory", "cc");
	}
	report_equal(pit_count - before, 1, "an STI long past does not hold a halt's interrupt back");
}

int main(void)
{
	unsigned int i;

	apic_enable();
	apic_write(APIC_TIMER_DIVIDE, TIMER_DIVIDE_1);
	apic_write(APIC_LVT_TIMER, VECTOR);
	trap_set_handler(VECTOR, on_apic);
	irq_set_handler(IRQ_TIMER, on_pit);
	pit_one_shot(2);
	halt();
	for (i = 0; i < 2; i++) {
		raw = i;
		print("%s\n", raw ? "STI; HLT" : "VMI_Halt");
		test_sweep();
		test_sources();
		test_alarms();
		test_quiet(wait_for_tick, &pit_count, 0, "ticks");
		if (platform_is_vmi())
			test_quiet(wait_for_alarm, &apic_count, 1, "alarms");
	}
	test_stale_shadow();
	return 0;
}
