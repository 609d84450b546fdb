/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: cycle counters and alarms: one-shot, periodic, missed, cancelled, both counters' at once, by IRQ 0 and by the APIC timer's vector.
 * Environments: native segment paged bochs
 * Qemu: -icount shift=3,sleep=off
 *
 * Natively there is no such time, and the calls say so.
 */
#include "runtime.h"

#include "apic.h"
#include "pit.h"
#include "vmi.h"

#define VECTOR_LVTT		0x71
#define NEVER			0xffffffffffffffffull

#define REAL			VMI_CYCLES_REAL
#define AVAILABLE		VMI_CYCLES_AVAILABLE
#define PERIODIC		VMI_ALARM_IS_PERIODIC
#define LVTT			VMI_ALARM_WIRED_LVTT

static uint64_t ms;		/* in cycles */
static volatile uint32_t irq0, lvtt;
static volatile uint64_t irq0_at, lvtt_at;

static uint64_t now(uint32_t counter)
{
	return vmi_get_cycle_counter(counter);
}

static void handle_irq0(struct trap_frame *frame)
{
	(void)frame;
	irq0++;
	irq0_at = now(REAL);
}

static bool handle_lvtt(struct trap_frame *frame)
{
	(void)frame;
	lvtt++;
	lvtt_at = now(REAL);
	apic_write(APIC_EOI, 0);
	return true;
}

static void run_until(uint64_t end)
{
	vmi_enable_interrupts();
	while (now(REAL) < end)
		vmi_pause();
	vmi_disable_interrupts();
}

/* Its last interrupt comes now, and is dropped. */
static void quiet_pit(void)
{
	pit_one_shot(PIT_AT_ONCE);
	run_until(now(REAL) + ms / 10);
}

static bool near(uint64_t at, uint64_t want)
{
	return at >= want && at - want < ms / 10;
}

static void test_counters(void)
{
	uint64_t real = now(REAL), available, again, start;
	uint32_t i, khz, measured;
	bool rising = true;

	for (i = 0; i < 1000; i++) {
		again = now(REAL);
		rising = rising && again > real;
		real = again;
	}
	report(rising, "real time rises");
	real = now(REAL);
	available = now(AVAILABLE) + now(VMI_CYCLES_STOLEN);
	again = now(REAL);
	report(real <= available && available <= again, "it is available and stolen time");
	report(now(VMI_CYCLES_STOLEN) < ms, "little is stolen");
	report(now(3) == 0 && now(0x100) == 0, "there are no other counters");
	pit_clock_start();
	start = now(REAL);
	real = pit_clock();
	while (pit_clock() - real < PIT_HZ / 50)
		;
	measured = (uint32_t)(now(REAL) - start) / 20;
	khz = (uint32_t)ms;
	report(measured > khz - khz / 1000 && measured < khz + khz / 1000,
	       "its frequency is %u kHz, the PIT says %u", khz, measured);
}

static void test_one_shot(uint32_t counter, uint32_t wiring, volatile uint32_t *count,
			  volatile uint64_t *at)
{
	uint32_t before = *count;
	uint64_t start = now(counter), offset = now(REAL) - start;

	vmi_set_alarm(counter | wiring, start + 2 * ms, 0);
	run_until(start + offset + 5 * ms);
	report(*count == before + 1 && near(*at, start + offset + 2 * ms),
	       "counter %u, wiring %x: one shot, %u", counter, wiring, *count - before);
	report_equal(vmi_cancel_alarm(counter), 0, "it is armed no more");
	vmi_set_alarm(counter | wiring | PERIODIC, start, 0);
	report_equal(vmi_cancel_alarm(counter), 0, "a period of 0 is one shot; the past fires at once");
	run_until(now(REAL) + ms);
	report_equal(*count, before + 2, "it did");
}

/* The counts are looked at first, and printed when time does not matter. */
static void test_periodic(uint32_t counter, uint32_t wiring, volatile uint32_t *count)
{
	uint32_t before = *count, counts[4], cancelled;
	uint64_t start = now(counter), offset = now(REAL) - start;

	vmi_set_alarm(counter | wiring | PERIODIC, start + ms, ms);
	run_until(start + offset + 10 * ms + ms / 2);
	counts[0] = *count - before;
	while (now(counter) < start + 15 * ms + ms / 2)
		;
	run_until(start + offset + 15 * ms + 3 * ms / 4);
	counts[1] = *count - before;
	run_until(start + offset + 17 * ms + ms / 2);
	counts[2] = *count - before;
	cancelled = vmi_cancel_alarm(counter);
	run_until(now(REAL) + 3 * ms);
	counts[3] = *count - before;
	report_equal(counts[0], 10, "counter %u, wiring %x: periods", counter, wiring);
	report_equal(counts[1], 11, "five that were missed are one");
	report_equal(counts[2], 13, "and the others in time");
	report_equal(cancelled, 1, "it was armed");
	report_equal(counts[3], 13, "and is cancelled");
}

static void test_masks(void)
{
	uint32_t before = irq0, lost;

	irq_mask(IRQ_TIMER);
	vmi_set_alarm(REAL, now(REAL), 0);
	run_until(now(REAL) + ms);
	report_equal(irq0, before, "masked at the 8259 it waits");
	irq_unmask(IRQ_TIMER);
	run_until(now(REAL) + ms);
	report_equal(irq0, before + 1, "until it is unmasked");

	before = lvtt;
	apic_write(APIC_LVT_TIMER, LVT_MASKED | VECTOR_LVTT);
	vmi_set_alarm(REAL | LVTT | PERIODIC, now(REAL) + ms, ms);
	run_until(now(REAL) + 3 * ms + ms / 2);
	apic_write(APIC_LVT_TIMER, VECTOR_LVTT);
	vmi_enable_interrupts();
	vmi_io_delay();
	vmi_disable_interrupts();
	lost = lvtt;
	run_until(now(REAL) + 2 * ms);
	vmi_cancel_alarm(REAL);
	report_equal(lost, before, "masked in LVTT it is lost");
	report_equal(lvtt, before + 2, "the period goes on, whatever LVTT's own bit says");
	apic_write(APIC_LVT_TIMER, LVT_PERIODIC | VECTOR_LVTT);
}

static void test_both(void)
{
	uint32_t ticks = irq0, shots = lvtt, i, one_shot, periodic;
	uint64_t start = now(REAL);

	vmi_set_alarm(AVAILABLE | PERIODIC, now(AVAILABLE) + ms, ms);
	for (i = 0; i < 5; i++) {
		vmi_set_alarm(REAL | LVTT, start + (2 * i + 1) * ms + ms / 2, 0);
		run_until(start + (2 * i + 2) * ms + ms / 4);
	}
	one_shot = vmi_cancel_alarm(REAL | PERIODIC | LVTT);
	periodic = vmi_cancel_alarm(AVAILABLE);
	report_equal(irq0 - ticks, 10, "ticks on available time");
	report_equal(lvtt - shots, 5, "beside one-shots on real time");
	report_equal(one_shot, 0, "the flags do not count");
	report_equal(periodic, 1, "one is armed");
}

static void test_odd(void)
{
	uint32_t before = irq0;

	vmi_set_alarm(VMI_CYCLES_STOLEN | PERIODIC, 0, ms);
	vmi_set_alarm(77, 0, 0);
	report_equal(vmi_cancel_alarm(VMI_CYCLES_STOLEN) + vmi_cancel_alarm(77), 0,
		     "no alarm on other counters");
	vmi_set_alarm(REAL, NEVER, 0);
	vmi_set_alarm(AVAILABLE | PERIODIC, NEVER, NEVER);
	run_until(now(REAL) + 2 * ms);
	report_equal(irq0, before, "the end of time is far");
	report_equal(vmi_cancel_alarm(REAL) + vmi_cancel_alarm(AVAILABLE), 2, "both are armed");
	vmi_set_alarm(REAL | PERIODIC, 0, NEVER);
	run_until(now(REAL) + ms);
	report_equal(irq0, before + 1, "a long period, from the past");
	vmi_set_alarm(REAL, now(REAL) + ms, 0);
	vmi_set_alarm(REAL, now(REAL) + 3 * ms, 0);
	run_until(now(REAL) + 2 * ms);
	report_equal(irq0, before + 1, "setting it again cancels the first");
	run_until(now(REAL) + 2 * ms);
	report_equal(irq0, before + 2, "and arms the second");
}

/* Sleep on alarms alone, as a kernel without a tick does. */
static void test_halt(void)
{
	uint64_t start = now(REAL), worst = 0, late;
	uint32_t i, before = irq0;

	for (i = 1; i <= 50; i++) {
		vmi_set_alarm(REAL, start + i * ms, 0);
		vmi_halt();
		vmi_disable_interrupts();
		late = irq0_at - (start + i * ms);
		if (late > worst)
			worst = late;
	}
	report_equal(irq0 - before, 50, "each halt ends with its alarm");
	report(worst < ms / 20, "at most %u cycles late", (uint32_t)worst);
}

int main(void)
{
	ms = vmi_get_cycle_frequency();
	if (!platform_is_vmi()) {
		vmi_set_alarm(REAL, 0, 0);
		report(ms == 0 && now(REAL) == 0 && !vmi_cancel_alarm(REAL)
		       && !vmi_get_wallclock_time() && !vmi_wallclock_updated(),
		       "natively there is no paravirtual time");
		return 0;
	}
	ms = (uint32_t)ms / 1000;
	trap_set_handler(VECTOR_LVTT, handle_lvtt);
	apic_enable();
	apic_write(APIC_LVT_TIMER, VECTOR_LVTT);
	irq_set_handler(IRQ_TIMER, handle_irq0);
	quiet_pit();
	test_counters();
	test_one_shot(REAL, 0, &irq0, &irq0_at);
	test_one_shot(AVAILABLE, 0, &irq0, &irq0_at);
	test_one_shot(REAL, LVTT, &lvtt, &lvtt_at);
	test_one_shot(AVAILABLE, LVTT, &lvtt, &lvtt_at);
	test_periodic(REAL, 0, &irq0);
	test_periodic(AVAILABLE, LVTT, &lvtt);
	test_masks();
	test_both();
	test_odd();
	test_halt();
	return 0;
}
