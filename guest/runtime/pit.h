/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PIT by its ports (Intel 8254 data sheet), for whoever programs channel 0
 * otherwise than irq.h's tick does.
 */
#ifndef RUNTIME_PIT_H
#define RUNTIME_PIT_H

#include <stdint.h>

#include "vmi.h"

#define PIT_CHANNEL_0		0x40
#define PIT_CHANNEL_2		0x42
#define PIT_COMMAND		0x43

/* Commands ("Control Word Format"): channel, both bytes, mode. */
#define PIT_LATCH_0		0x00
#define PIT_LATCH_2		0x80
#define PIT_ONE_SHOT_0		0x30	/* mode 0 */
#define PIT_RATE_0		0x34	/* mode 2 */
#define PIT_RATE_2		0xb4

/* The shortest one-shot: channel 0 interrupts once more, now, and then no longer. */
#define PIT_AT_ONCE		2

/* Channel 0 interrupts once, so many of its clocks from now (65536 for 0). */
static inline void pit_one_shot(uint32_t clocks)
{
	vmi_outb(PIT_ONE_SHOT_0, PIT_COMMAND);
	vmi_outb((uint8_t)clocks, PIT_CHANNEL_0);
	vmi_outb((uint8_t)(clocks >> 8), PIT_CHANNEL_0);
}

#endif
