// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ports that control the machine as a whole: A20, resets, SMIs, sleep.  By these a
 * guest at ring 1 could take away memory from under the monitor, or have its own code
 * run at ring 0.  So they are models: what is harmless is passed on, a reset or a
 * power-off is made by power.c, anything else is only remembered where a guest reads
 * it back, or dropped as if a lock bit were set.  docs/ports.md says why.
 */
#include "dev/acpi.h"
#include "dev/control.h"
#include "dev/ports.h"

/* Commands of the keyboard controller, whose output port has A20 and the reset line. */
#define KBC_WRITE_OUTPUT	0xd1u	/* the next byte of data goes to the output port */
#define KBC_A20_OFF		0xddu
#define KBC_A20_ON		0xdfu
#define KBC_PULSE		0xf0u	/* F0h to FFh: lines whose bit is clear pulse low */
#define KBC_PULSE_NOTHING	0xffu
#define OUTPUT_RUN		1u	/* output port: clear is a reset; bit 1 is A20 */

#define PORT_92_RESET		1u
#define PORT_92_A20		2u
#define RESET_NOW		4u	/* CF9h */

#define CONTROL_BYTES		2u	/* of PM1's control register */

/* ---- A20 and resets ---- */

/* Commands that change A20 are dropped, and so are pulses of other lines than the reset. */
static void keyboard_command(uint8_t command)
{
	ports.output_follows = command == KBC_WRITE_OUTPUT;
	if (ports.output_follows || command == KBC_A20_OFF || command == KBC_A20_ON)
		return;
	if (command >= KBC_PULSE) {
		if (!(command & OUTPUT_RUN))
			machine_reset();
		command = KBC_PULSE_NOTHING;
	}
	outb(PORT_KEYBOARD_COMMAND, command);
}

/* A byte for the output port is dropped, unless it asks for a reset. */
static void keyboard_data(uint8_t value)
{
	if (!ports.output_follows)
		outb(PORT_KEYBOARD_DATA, value);
	else if (!(value & OUTPUT_RUN))
		machine_reset();
	ports.output_follows = false;
}

/* The guest reads bit A20 as it has written it; the physical A20 stays on. */
static uint8_t port_92_read(void)
{
	return (uint8_t)((inb(PORT_92) & ~PORT_92_A20) | ports.port_92_a20);
}

static void port_92_write(uint8_t value)
{
	if (value & PORT_92_RESET)
		machine_reset();
	ports.port_92_a20 = value & PORT_92_A20;
	outb(PORT_92, value | PORT_92_A20);
}

static void reset_control(uint8_t value)
{
	if (value & RESET_NOW)
		machine_reset();
	ports.reset_control = value;
}

/* ---- SMIs ---- */

/*
 * Some commands make the firmware's SMM handler call code at an address that the
 * caller chooses, with all rights.  Only those that the ACPI tables name pass, which
 * turn ACPI on and off.
 */
static void smi_command(uint8_t value)
{
	if (acpi.smi_port == PORT_SMI_COMMAND && value &&
	    (value == acpi.enable || value == acpi.disable))
		outb(PORT_SMI_COMMAND, value);
}

/* ---- ACPI's sleep ---- */

bool control_is_pm1(unsigned port, unsigned size)
{
	return acpi.control && port < acpi.control + CONTROL_BYTES && port + size > acpi.control;
}

/* The register as a word, in which byte 0 of the access is byte @shift / 8. */
static int pm1_shift(unsigned port)
{
	return ((int)port - (int)acpi.control) * 8;
}

uint32_t control_pm1_read(unsigned port, unsigned size)
{
	uint32_t ones = 0xffffffffu >> (32 - size * 8), value = inw(acpi.control);
	int shift = pm1_shift(port);

	value |= 0xffff0000u;
	if (shift > 0)
		return (value >> shift | ~(0xffffffffu >> shift)) & ones;
	return (value << -shift | ((1u << -shift) - 1)) & ones;
}

/*
 * Of the states of sleep there is one, off.  A guest that asks for another, as S3,
 * from which the BIOS returns to an address in memory, stays awake.  GBL_RLS, which
 * raises an SMI, has no effect either.
 */
static void pm1_control(uint16_t value)
{
	if ((value & CONTROL_SLEEP) &&
	    (value & CONTROL_TYPE) >> CONTROL_TYPE_SHIFT == acpi.sleep_type)
		machine_off();
	outw(acpi.control, value & CONTROL_SCI_ENABLE);
}

void control_pm1_write(unsigned port, unsigned size, uint32_t value)
{
	uint32_t mask = 0xffffffffu >> (32 - size * 8);
	int shift = pm1_shift(port);

	mask = shift > 0 ? mask << shift : mask >> -shift;
	value = shift > 0 ? value << shift : value >> -shift;
	pm1_control((uint16_t)((inw(acpi.control) & ~mask) | (value & mask)));
}

/* ---- all of them, by the byte ---- */

uint8_t control_read(uint16_t port)
{
	if (port == PORT_92)
		return port_92_read();
	if (port == PORT_RESET_CONTROL)
		return ports.reset_control;
	if (port == PORT_SMI_STATUS)
		return ports.smi_status;
	return inb(port);
}

void control_write(uint16_t port, uint8_t value)
{
	switch (port) {
	case PORT_KEYBOARD_COMMAND:
		keyboard_command(value);
		break;
	case PORT_KEYBOARD_DATA:
		keyboard_data(value);
		break;
	case PORT_SMI_COMMAND:
		smi_command(value);
		break;
	case PORT_SMI_STATUS:
		ports.smi_status = value;
		break;
	case PORT_92:
		port_92_write(value);
		break;
	case PORT_RESET_CONTROL:
		reset_control(value);
		break;
	}
}

void control_start(void)
{
	ports.port_92_a20 = inb(PORT_92) & PORT_92_A20;
	ports.smi_status = inb(PORT_SMI_STATUS);
	ports.reset_control = inb(PORT_RESET_CONTROL) & (uint8_t)~RESET_NOW;
}
