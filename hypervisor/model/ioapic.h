/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The IO-APIC that a guest sees (docs/interrupts.md).
 *
 * The model is pure software, as pic.h is, with the same contract for level-triggered
 * lines: when the model lets go of a line (after an EOI, or because the guest has
 * just unmasked its pin) it takes the line as low and reports it in the mask
 * "released".  The monitor then unmasks the physical source; a line that is still
 * asserted interrupts again, and is set again.
 *
 * The monitor says whether a line is asserted, not whether it is high, so the
 * polarity bit of an entry is kept but has no effect.
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
	uint32_t line;			/* the input pins, as bits */
	uint32_t released;		/* to be reported by ioapic_take_released() */
};

/* Power-on state: all pins masked. */
void ioapic_init(struct ioapic *io);

/* The guest reads or writes 32 bits; only the low 8 bits of @offset are used. */
uint32_t ioapic_read(const struct ioapic *io, uint32_t offset);
void ioapic_write(struct ioapic *io, uint32_t offset, uint32_t value);

/*
 * Pin @pin (0 to 23) changes to @level, or is pulsed.  Returns true if this makes an
 * interrupt: then @m is the message to deliver to local APICs; in mode APIC_EXTINT
 * the vector is to come from the 8259 pair.  An edge at a masked pin is lost, as on
 * the chip.
 */
bool ioapic_set_line(struct ioapic *io, unsigned pin, bool level,
		     struct apic_message *m);
bool ioapic_pulse(struct ioapic *io, unsigned pin, struct apic_message *m);

/* A local APIC has ended the level-triggered interrupt @vector. */
void ioapic_eoi(struct ioapic *io, uint8_t vector);

/* The pins released since the last call: bit n stands for pin n. */
static inline uint32_t ioapic_take_released(struct ioapic *io)
{
	uint32_t released = io->released;

	io->released = 0;
	return released;
}

#endif
