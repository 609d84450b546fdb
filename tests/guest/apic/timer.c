/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The APIC's timer, held against the PIT.
 */
#include "registers.h"

#define PERIODS	40

static uint32_t hz;

static uint32_t elapsed_ticks(uint32_t microseconds)
{
	uint32_t start;

	register_write(APIC_TIMER_DIVIDE, TIMER_DIVIDE_1);
	register_write(APIC_LVT_TIMER, LVT_MASKED | VECTOR_APIC_TIMER);
	register_write(APIC_TIMER_INITIAL, 0xffffffff);
	start = register_read(APIC_TIMER_CURRENT);
	wait_us(microseconds);
	return start - register_read(APIC_TIMER_CURRENT);
}

static void test_rate(void)
{
	uint32_t first = elapsed_ticks(10000), again = elapsed_ticks(10000);
	uint32_t difference = first > again ? first - again : again - first;

	hz = first * 100;
	report(first > 10000 && difference < first / 50, "it runs at %u kHz, %u", hz / 1000,
	       again / 10);
	register_write(APIC_TIMER_DIVIDE, 0x3);
	register_write(APIC_TIMER_INITIAL, 0xffffffff);
	wait_us(10000);
	again = 0xffffffff - register_read(APIC_TIMER_CURRENT);
	report(again > first / 17 && again < first / 15, "divided by 16 at a sixteenth");
	register_write(APIC_TIMER_DIVIDE, TIMER_DIVIDE_1);
}

static void test_one_shot(void)
{
	uint32_t before = arrived[VECTOR_APIC_TIMER];
	uint64_t start, took;

	register_write(APIC_LVT_TIMER, VECTOR_APIC_TIMER);
	start = pit_clock();
	register_write(APIC_TIMER_INITIAL, hz / 1000 * 2);
	vmi_enable_interrupts();
	while (arrived[VECTOR_APIC_TIMER] == before && pit_clock() - start < PIT_HZ / 10)
		vmi_pause();
	took = pit_clock() - start;
	report(took > PIT_HZ / 550 && took < PIT_HZ / 450, "one shot of 2 ms takes %u us",
	       (uint32_t)(took * 100 / 119));
	wait_us(5000);
	report_equal(arrived[VECTOR_APIC_TIMER], before + 1, "and comes once");
	report_equal(register_read(APIC_TIMER_CURRENT), 0, "the count is 0 then");
	vmi_disable_interrupts();
}

static void test_periodic(void)
{
	uint32_t before = arrived[VECTOR_APIC_TIMER], i;
	uint64_t start = pit_clock(), took;

	register_write(APIC_LVT_TIMER, LVT_PERIODIC | VECTOR_APIC_TIMER);
	register_write(APIC_TIMER_INITIAL, hz / 1000);
	for (i = 0; i < PERIODS && pit_clock() - start < PIT_HZ / 5; i++) {
		vmi_halt();
		vmi_disable_interrupts();
	}
	took = pit_clock() - start;
	register_write(APIC_LVT_TIMER, LVT_MASKED | LVT_PERIODIC | VECTOR_APIC_TIMER);
	report_equal(arrived[VECTOR_APIC_TIMER] - before, PERIODS, "as many periods as halts");
	report(took > PIT_HZ / 1000 * (PERIODS - 1) && took < PIT_HZ / 1000 * (PERIODS + 2),
	       "each of a millisecond: %u us", (uint32_t)(took * 100 / 119));
	moment();
	before = arrived[VECTOR_APIC_TIMER];
	vmi_enable_interrupts();
	wait_us(4000);
	vmi_disable_interrupts();
	report_equal(arrived[VECTOR_APIC_TIMER], before, "none while its entry is masked");
	report(register_read(APIC_TIMER_CURRENT) != 0, "though it goes on counting");
	register_write(APIC_LVT_TIMER, LVT_PERIODIC | VECTOR_APIC_TIMER);
	register_write(APIC_TIMER_INITIAL, hz / 1000);
	wait_us(3500);
	moment();
	register_write(APIC_TIMER_INITIAL, 0);
	report_equal(arrived[VECTOR_APIC_TIMER], before + 1, "those missed are one");
	vmi_enable_interrupts();
	wait_us(3000);
	vmi_disable_interrupts();
	report_equal(arrived[VECTOR_APIC_TIMER], before + 1, "a count of 0 stops it");
}

void test_timer(void)
{
	test_rate();
	test_one_shot();
	test_periodic();
}
