/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The IO-APIC that a guest sees (docs/interrupts.md).
 *
 * Pure software, like pic.h, and with the same contract for level-triggered
 * lines: a line that the model lets go of (by an EOI, or because the guest has
 * just unmasked its pin) counts as low and is reported in the `released` mask;
 * the monitor then unmasks the physical source, and a line that is still
 * asserted interrupts, and is set, again.
 *
 * Lines are given as asserted or not; the guest's polarity bit is kept and has
 * no effect.
 */
#ifndef VMI_IOAPIC_H
#define VMI_IOAPIC_H

#include <stdbool.h>
#include <stdint.h>

#include "model/apic.h"

#define IOAPIC_PINS	24

/* Offsets in the IO-APIC's page. */
#define IOAPIC_SELECT	0x00
#define IOAPIC_WINDOW	0x10

/* Registers behind the window. */
#define IOAPIC_ID		0x00
#define IOAPIC_VERSION		0x01
#define IOAPIC_ARBITRATION	0x02
#define IOAPIC_ENTRY		0x10	/* low half; the high half follows */

#define IOAPIC_ENTRY_LOGICAL	0x00000800u
#define IOAPIC_ENTRY_REMOTE_IRR	0x00004000u
#define IOAPIC_ENTRY_LEVEL	0x00008000u
#define IOAPIC_ENTRY_MASKED	0x00010000u

struct ioapic {
	uint32_t entry[IOAPIC_PINS];	/* low halves */
	uint8_t dest[IOAPIC_PINS];
	uint8_t select;
	uint32_t id;
	uint32_t line;			/* the input pins */
	uint32_t released;
};

/* Power-on state: all pins masked. */
void ioapic_init(struct ioapic *io);

/* The guest's 32-bit accesses; the low 8 bits of @offset count. */
uint32_t ioapic_read(const struct ioapic *io, uint32_t offset);
void ioapic_write(struct ioapic *io, uint32_t offset, uint32_t value);

/*
 * A pin (0..23) changes, or is pulsed.  True if this makes an interrupt: then
 * @m is what to deliver, to a local APIC or, in mode APIC_EXTINT, as the 8259
 * pair's.  An edge at a masked pin is lost, as on the chip.
 */
bool ioapic_set_line(struct ioapic *io, unsigned pin, bool level,
		     struct apic_message *m);
bool ioapic_pulse(struct ioapic *io, unsigned pin, struct apic_message *m);

/* A local APIC ended a level-triggered interrupt. */
void ioapic_eoi(struct ioapic *io, uint8_t vector);

/* The pins let go since the last call, bit n for pin n. */
static inline uint32_t ioapic_take_released(struct ioapic *io)
{
	uint32_t released = io->released;

	io->released = 0;
	return released;
}

#endif
