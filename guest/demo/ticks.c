/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The timer tick, and the interrupt flag: disabled, masked, and waited for.
 */
#include "demo.h"

#include "vmi.h"

#define WAIT_TICKS	20

void ticks_start(void)
{
	pit_start(DEMO_TICK_HZ);
	vmi_enable_interrupts();
}

uint32_t ticks_stop(void)
{
	vmi_disable_interrupts();
	pit_stop();
	return pit_ticks();
}

/*
 * The test and the halt must not be separated by the tick that ends the wait:
 * so the test is made with interrupts off, and VMI_Halt enables them and waits
 * in one.
 */
void ticks_sleep(uint32_t ticks)
{
	uint32_t end = pit_ticks() + ticks;

	for (;;) {
		vmi_disable_interrupts();
		if ((int32_t)(pit_ticks() - end) >= 0)
			break;
		vmi_halt();
	}
	vmi_enable_interrupts();
}

/* A tick waits at the controller while interrupts are off. */
static bool tick_waits_for_enable(void)
{
	uint32_t before, mask;

	mask = vmi_get_interrupt_mask();
	vmi_disable_interrupts();
	before = pit_ticks();
	while (!(pic_requested() & 1u << IRQ_TIMER))
		vmi_pause();
	if (pit_ticks() != before)
		return false;
	vmi_set_interrupt_mask(mask);
	return pit_ticks() != before && vmi_get_interrupt_mask() == mask;
}

void demo_ticks(void)
{
	uint32_t before = pit_ticks();

	ticks_sleep(WAIT_TICKS);
	demo_check(pit_ticks() - before >= WAIT_TICKS, "halt until ticks come");
	demo_check(tick_waits_for_enable(), "a tick waits while disabled");
}
