/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The 8254 PIT: the tick on channel 0, and channel 2 as a clock to hold
 * against it.
 */
#include "irq.h"

#include <stddef.h>

#include "pit.h"
#include "vmi.h"

#define SPEAKER			0x61

#define SPEAKER_GATE		0x01	/* lets channel 2 count */
#define SPEAKER_SOUND		0x02

#define COUNT_MAX		0x10000u

static uint32_t period;
static volatile uint32_t ticks;
static bool running;
static irq_handler tick_hook;
static uint16_t clock_last;
static uint64_t clock_total;

static void handle_tick(struct trap_frame *frame)
{
	if (!running)
		return;
	ticks++;
	if (tick_hook)
		tick_hook(frame);
}

void pit_start(uint32_t hz)
{
	period = (PIT_HZ + hz / 2) / hz;
	if (period >= COUNT_MAX)
		period = COUNT_MAX - 1;
	ticks = 0;
	running = false;
	vmi_outb(PIT_RATE_0, PIT_COMMAND);
	vmi_outb((uint8_t)period, PIT_CHANNEL_0);
	vmi_outb((uint8_t)(period >> 8), PIT_CHANNEL_0);
	irq_set_handler(IRQ_TIMER, handle_tick);

	/*
	 * In mode 2 the output is high at once, which may already count as an
	 * interrupt; and an old one may still wait.
	 */
	irq_drain(IRQ_TIMER);
	running = true;
}

void pit_stop(void)
{
	irq_set_handler(IRQ_TIMER, NULL);
	vmi_outb(PIT_ONE_SHOT_0, PIT_COMMAND);
}

uint32_t pit_period(void)
{
	return period;
}

uint32_t pit_ticks(void)
{
	return ticks;
}

void pit_set_hook(irq_handler hook)
{
	tick_hook = hook;
}

static uint16_t read_clock(void)
{
	uint8_t low;

	vmi_outb(PIT_LATCH_2, PIT_COMMAND);
	low = vmi_inb(PIT_CHANNEL_2);
	return (uint16_t)(vmi_inb(PIT_CHANNEL_2) << 8 | low);
}

void pit_clock_start(void)
{
	uint8_t speaker = vmi_inb(SPEAKER);

	speaker = (uint8_t)((speaker | SPEAKER_GATE) & ~SPEAKER_SOUND);
	vmi_outb(speaker, SPEAKER);
	vmi_outb(PIT_RATE_2, PIT_COMMAND);
	vmi_outb(0, PIT_CHANNEL_2);		/* 0 counts 65536 */
	vmi_outb(0, PIT_CHANNEL_2);
	clock_total = 0;
	clock_last = read_clock();
}

uint64_t pit_clock(void)
{
	uint32_t mask = vmi_save_interrupts();
	uint16_t now;

	now = read_clock();
	clock_total += (uint16_t)(clock_last - now);	/* it counts down */
	clock_last = now;
	vmi_set_interrupt_mask(mask);
	return clock_total;
}

void wait_us(uint32_t microseconds)
{
	uint64_t end = pit_clock() + (uint64_t)PIT_HZ / 1000 * microseconds / 1000;

	while (pit_clock() < end)
		vmi_pause();
}

void run_us(uint32_t microseconds)
{
	vmi_enable_interrupts();
	wait_us(microseconds);
	vmi_disable_interrupts();
}
