// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model of the guest's IO-APIC, an 82093AA.  Read ioapic.h and docs/interrupts.md first.
 *
 * Behaviour follows the Intel 82093AA data sheet (order 290566).  NMIs, SMIs
 * and INITs from a pin are not delivered (docs/abi.md).
 */
#include "model/ioapic.h"

#define VERSION		(0x11u | (IOAPIC_PINS - 1) << 16)
#define ID_WRITABLE	0x0f000000u
#define ENTRY_WRITABLE	0x0001afffu

/* The model lets go of the pins in @set: they count as low until they are set again. */
static void release_pins(struct ioapic *io, uint32_t set)
{
	io->line &= ~set;
	io->released |= set;
}

/*
 * The pin requests an interrupt.  If its entry allows one, fill in the message and
 * return true.
 */
static bool deliver_pin(struct ioapic *io, unsigned pin, struct apic_message *m)
{
	uint32_t *entry = &io->entry[pin];
	unsigned mode = *entry >> 8 & 7;

	/* In a mode that is not delivered, remote IRR must not be set either: no EOI would come. */
	if (*entry & (IOAPIC_ENTRY_MASKED | IOAPIC_ENTRY_REMOTE_IRR) ||
	    (mode > APIC_LOWEST && mode != APIC_EXTINT))
		return false;

	m->vector = (uint8_t)*entry;
	m->mode = (uint8_t)mode;
	m->dest = io->dest[pin];
	m->logical = *entry & IOAPIC_ENTRY_LOGICAL;
	m->level = *entry & IOAPIC_ENTRY_LEVEL && mode != APIC_EXTINT;
	m->others = false;
	if (m->level)
		*entry |= IOAPIC_ENTRY_REMOTE_IRR;
	return true;
}

bool ioapic_set_line(struct ioapic *io, unsigned pin, bool level,
		     struct apic_message *m)
{
	uint32_t bit = 1u << pin;
	bool was = io->line & bit;

	if (!level) {
		io->line &= ~bit;
		return false;
	}
	io->line |= bit;
	if (was && !(io->entry[pin] & IOAPIC_ENTRY_LEVEL))
		return false;
	return deliver_pin(io, pin, m);
}

bool ioapic_pulse(struct ioapic *io, unsigned pin, struct apic_message *m)
{
	return deliver_pin(io, pin, m);
}

void ioapic_eoi(struct ioapic *io, uint8_t vector)
{
	unsigned pin;

	for (pin = 0; pin < IOAPIC_PINS; pin++) {
		uint32_t *entry = &io->entry[pin];

		if (!(*entry & IOAPIC_ENTRY_REMOTE_IRR) ||
		    (uint8_t)*entry != vector)
			continue;
		*entry &= ~IOAPIC_ENTRY_REMOTE_IRR;
		release_pins(io, 1u << pin);
	}
}

/*
 * Write the low half of an entry.  Guests also end a level-triggered interrupt by
 * switching its entry to edge-triggered and back: that clears remote IRR here, as on
 * the chip.  When a pin is unmasked its line is released: what the model knows of
 * the line dates from when it was masked, and the device may have withdrawn since.
 */
static void write_entry(struct ioapic *io, unsigned pin, uint32_t value)
{
	uint32_t remote = io->entry[pin] & IOAPIC_ENTRY_REMOTE_IRR;
	uint32_t bit = 1u << pin;

	value &= ENTRY_WRITABLE;
	if (value & IOAPIC_ENTRY_LEVEL) {
		value |= remote;
		if (!remote && !(value & IOAPIC_ENTRY_MASKED) && io->line & bit)
			release_pins(io, bit);
	} else if (remote) {
		release_pins(io, bit);
	}
	io->entry[pin] = value;
}

uint32_t ioapic_read(const struct ioapic *io, uint32_t offset)
{
	unsigned pin = (io->select - IOAPIC_ENTRY) >> 1;

	offset &= 0xff;
	if (offset == IOAPIC_SELECT)
		return io->select;
	if (offset != IOAPIC_WINDOW)
		return 0;
	if (pin < IOAPIC_PINS)
		return io->select & 1 ? (uint32_t)io->dest[pin] << 24 :
					io->entry[pin];

	switch (io->select) {
	case IOAPIC_ID:
	case IOAPIC_ARBITRATION:
		return io->id;
	case IOAPIC_VERSION:
		return VERSION;
	default:
		return 0;
	}
}

void ioapic_write(struct ioapic *io, uint32_t offset, uint32_t value)
{
	unsigned pin = (io->select - IOAPIC_ENTRY) >> 1;

	offset &= 0xff;
	if (offset == IOAPIC_SELECT)
		io->select = (uint8_t)value;
	if (offset != IOAPIC_WINDOW)
		return;

	if (io->select == IOAPIC_ID)
		io->id = value & ID_WRITABLE;
	else if (pin >= IOAPIC_PINS)
		return;
	else if (io->select & 1)
		io->dest[pin] = (uint8_t)(value >> 24);
	else
		write_entry(io, pin, value);
}

void ioapic_init(struct ioapic *io)
{
	unsigned pin;

	*io = (struct ioapic){ 0 };
	for (pin = 0; pin < IOAPIC_PINS; pin++)
		io->entry[pin] = IOAPIC_ENTRY_MASKED;
}
