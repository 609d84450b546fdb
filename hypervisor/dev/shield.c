// SPDX-License-Identifier: GPL-2.0-only
/*
 * Single ports by which a guest at ring 1 could take away memory from under the monitor,
 * or have its own code run at ring 0: A20, the keyboard controller, SMIs.  A write that
 * would do so is dropped, as if a lock bit were set, or only remembered where a guest
 * reads it back.  All else at the same ports works.  docs/ports.md says why.
 */
#include "dev/pci.h"
#include "dev/ports.h"
#include "dev/shield.h"

/* Commands of the keyboard controller, whose output port has A20 and the reset line. */
#define KBC_WRITE_OUTPUT	0xd1u	/* the next byte of data goes to the output port */
#define KBC_A20_OFF		0xddu
#define KBC_A20_ON		0xdfu
#define KBC_PULSE		0xf0u	/* F0h to FFh: lines whose bit is clear pulse low */
#define OUTPUT_RUN		1u	/* output port: clear is a reset; bit 1 is A20 */

#define PORT_92_A20		2u

/* The guest reads bit A20 as it has written it; the physical A20 stays on. */
uint8_t shield_read(uint16_t port)
{
	uint8_t value = inb(port);

	if (port == PORT_92)
		value = (uint8_t)((value & ~PORT_92_A20) | ports.port_92_a20);
	return value;
}

/* Commands that change A20 are dropped; of those that pulse lines only the reset is passed. */
static void keyboard_command(uint8_t command)
{
	ports.output_follows = command == KBC_WRITE_OUTPUT;
	if (ports.output_follows || command == KBC_A20_OFF || command == KBC_A20_ON)
		return;
	if (command >= KBC_PULSE)
		command |= KEYBOARD_RESET;	/* sets all bits but bit 0, the reset line */
	outb(PORT_KEYBOARD_COMMAND, command);
}

/* A byte for the output port is dropped, unless it asks for a reset. */
static void keyboard_data(uint8_t value)
{
	if (!ports.output_follows)
		outb(PORT_KEYBOARD_DATA, value);
	else if (!(value & OUTPUT_RUN))
		outb(PORT_KEYBOARD_COMMAND, KEYBOARD_RESET);
	ports.output_follows = false;
}

/*
 * Some commands make the firmware's SMM handler call code at an address that the
 * caller chooses, with all rights.  Only those that turn ACPI on and off pass: F1h and
 * F0h with the PIIX4, 2 and 3 with the ICH9.
 */
static void smi_command(uint8_t value)
{
	if (value == 0xf0 || value == 0xf1 || value == 2 || value == 3)
		outb(PORT_SMI_COMMAND, value);
}

void shield_write(uint16_t port, uint8_t value)
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
	case PORT_92:
		ports.port_92_a20 = value & PORT_92_A20;
		outb(PORT_92, value | PORT_92_A20);
		break;
	}
}

void shield_start(void)
{
	pci_start();
	ports.port_92_a20 = inb(PORT_92) & PORT_92_A20;
}
