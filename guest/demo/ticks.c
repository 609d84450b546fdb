/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The timer tick, and the interrupt flag: disabled, masked, and waited for.
 *
 * With the word `tickless` there is no tick: the time is read from the real
 * counter, and who sleeps sets an alarm for its end.  Natively there are no
 * alarms, so the tick stays.
 */
#include "demo.h"

#include "vmi.h"

#define WAIT_TICKS	20

static bool tickless;
static uint32_t cycles_per_tick;
static volatile uint32_t alarms;
static uint64_t started;

static void on_alarm(struct trap_frame *frame)
{
	(void)frame;
	alarms++;
}

uint32_t ticks_now(void)
{
	uint64_t cycles;

	if (!tickless)
		return pit_ticks();
	cycles = vmi_get_cycle_counter(VMI_CYCLES_REAL) - started;
	return (uint32_t)(cycles / cycles_per_tick);
}

/* One alarm, when tick number @tick begins.  With a tick there is nothing to do. */
static void wake_at(uint32_t tick)
{
	if (tickless)
		vmi_set_alarm(VMI_CYCLES_REAL | VMI_ALARM_IS_ONESHOT | VMI_ALARM_WIRED_IRQ0,
			      started + (uint64_t)tick * cycles_per_tick, 0);
}

void ticks_start(void)
{
	uint64_t hz = vmi_get_cycle_frequency();

	tickless = hz && boot_has_word("tickless");
	if (tickless) {
		cycles_per_tick = (uint32_t)(hz / DEMO_TICK_HZ);
		pit_stop();
		irq_set_handler(IRQ_TIMER, on_alarm);
		started = vmi_get_cycle_counter(VMI_CYCLES_REAL);
	} else {
		pit_start(DEMO_TICK_HZ);
	}
	vmi_enable_interrupts();
}

uint32_t ticks_stop(void)
{
	vmi_disable_interrupts();
	if (tickless)
		print("demo: tickless: %u alarms\n", alarms);
	else
		pit_stop();
	return ticks_now();
}

/*
 * The test and the halt must not be separated by the tick that ends the wait:
 * so the test is made with interrupts off, and VMI_Halt enables them and waits
 * in one.
 */
void ticks_sleep(uint32_t ticks)
{
	uint32_t end = ticks_now() + ticks;

	for (;;) {
		vmi_disable_interrupts();
		if ((int32_t)(ticks_now() - end) >= 0)
			break;
		wake_at(end);
		vmi_halt();
	}
	vmi_enable_interrupts();
}

static uint32_t interrupts(void)
{
	return tickless ? alarms : pit_ticks();
}

/* A tick waits at the controller while interrupts are off. */
static bool tick_waits_for_enable(void)
{
	uint32_t before, mask;

	mask = vmi_get_interrupt_mask();
	vmi_disable_interrupts();
	wake_at(ticks_now() + 1);
	before = interrupts();
	while (!(pic_requested() & 1u << IRQ_TIMER))
		vmi_pause();
	if (interrupts() != before)
		return false;
	vmi_set_interrupt_mask(mask);
	return interrupts() != before && vmi_get_interrupt_mask() == mask;
}

void demo_ticks(void)
{
	uint32_t before = ticks_now();

	ticks_sleep(WAIT_TICKS);
	demo_check(ticks_now() - before >= WAIT_TICKS, "halt until ticks come");
	demo_check(tick_waits_for_enable(), "a tick waits while disabled");
}
