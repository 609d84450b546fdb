/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pair of 8259 interrupt controllers and the PIT.
 */
#ifndef RUNTIME_IRQ_H
#define RUNTIME_IRQ_H

#include <stdbool.h>
#include <stdint.h>

#include "trap.h"

#define IRQ_VECTOR	0x20		/* line n arrives at IRQ_VECTOR + n */
#define IRQ_LINES	16

#define IRQ_TIMER	0
#define IRQ_KEYBOARD	1
#define IRQ_CASCADE	2
#define IRQ_SERIAL	4

/* Runs with interrupts off and before the end of interrupt. */
typedef void (*irq_handler)(struct trap_frame *frame);

/* Initialises both controllers with every line masked; after activation. */
void pic_init(void);

/* Handles a line and unmasks it; NULL masks it. */
void irq_set_handler(unsigned int irq, irq_handler handler);
void irq_mask(unsigned int irq);
void irq_unmask(unsigned int irq);

/* Has the handler take what waits at the controller, and nothing else. */
void irq_drain(unsigned int irq);

/* Bit n = line n: waiting at the controller, and in service. */
uint16_t pic_requested(void);
uint16_t pic_in_service(void);

/* Interrupts that the controller withdrew before they were taken. */
uint32_t pic_spurious(void);

/*
 * The PIT runs at PIT_HZ; channel 0 is the tick, channel 2 a free-running
 * 16-bit clock to measure the first one with.
 */
#define PIT_HZ		1193182u

/* Starts the tick: about `hz` interrupts a second, 19 at least. */
void pit_start(uint32_t hz);

/* Stops the tick, by leaving channel 0 without a count. */
void pit_stop(void);

/* Clocks of PIT_HZ per tick, as programmed. */
uint32_t pit_period(void);

/* Ticks handled since pit_start(). */
uint32_t pit_ticks(void);

/* Called from the tick; NULL for none. */
void pit_set_hook(irq_handler hook);

/* Starts channel 2 at a full count. */
void pit_clock_start(void);

/*
 * Clocks since pit_clock_start(); must be called every 54 ms at least, or
 * rounds are lost.
 */
uint64_t pit_clock(void);

/* Busy for so long; run_us() with interrupts enabled meanwhile, and disabled behind it. */
void wait_us(uint32_t microseconds);
void run_us(uint32_t microseconds);

#endif
