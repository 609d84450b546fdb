// SPDX-License-Identifier: GPL-2.0-only
/*
 * I/O ports.  All port instructions of ring 1 trap.  The table here names the ports
 * that a model or the shield serves; all others belong to the hardware.  A bitmap in
 * the monitor's TSS (HOLE_PORT_MAP) says which ports go straight to the hardware: the
 * gate looks there for port calls (entry/entry.asm), and the processor for ring 3
 * while virtual IOPL is 3 (cpu/tss.c).  docs/ports.md has the policy.
 */
#include "dev/controllers.h"
#include "dev/pci.h"
#include "dev/shield.h"
#include "dev/wallclock.h"

#define WIDEST			4u		/* bytes of one access */

static uint8_t config_byte_read(uint16_t port)
{
	return (uint8_t)pci_port_read(port, 1);
}

static void config_byte_write(uint16_t port, uint8_t value)
{
	pci_port_write(port, 1, value);
}

/* Are all @size bytes from @port on ports of PCI configuration space, where the width matters? */
static bool is_config(unsigned port, unsigned size)
{
	return port >= PORT_CONFIG_ADDRESS && port + size <= PORT_CONFIG_DATA + 4;
}

/* Ports @first to @last; a byte there is read and written by these functions. */
static const struct served {
	uint16_t first, last;
	uint8_t (*read)(uint16_t port);
	void (*write)(uint16_t port, uint8_t value);
} served[] = {
	{ PIC_MASTER_COMMAND, PIC_MASTER_DATA, controllers_port_read, controllers_port_write },
	{ PIC_SLAVE_COMMAND, PIC_SLAVE_DATA, controllers_port_read, controllers_port_write },
	{ PIC_MASTER_ELCR, PIC_SLAVE_ELCR, controllers_port_read, controllers_port_write },
	{ PORT_CMOS_INDEX, PORT_CMOS_DATA, wallclock_port_read, wallclock_port_write },
	{ PORT_KEYBOARD_DATA, PORT_KEYBOARD_DATA, shield_read, shield_write },
	{ PORT_KEYBOARD_COMMAND, PORT_KEYBOARD_COMMAND, shield_read, shield_write },
	{ PORT_92, PORT_92, shield_read, shield_write },
	{ PORT_SMI_COMMAND, PORT_SMI_COMMAND, shield_read, shield_write },
	{ PORT_CONFIG_ADDRESS, PORT_CONFIG_DATA + 3, config_byte_read, config_byte_write },
};

static const struct served *find_served(unsigned port)
{
	const struct served *s;

	for (s = served; s < served + sizeof(served) / sizeof(served[0]); s++)
		if (s->first <= port && port <= s->last)
			return s;
	return NULL;
}

/*
 * The bitmap has one bit for a port and none for a width.  So a port goes straight
 * only if the next three, which a wider access to it reaches, do as well.
 */
bool port_goes_straight(unsigned port)
{
	unsigned i;

	for (i = 0; i < WIDEST; i++)
		if (port + i >= PORTS || find_served(port + i))
			return false;
	return true;
}

static bool is_straight(uint16_t port)
{
	return !(((const uint8_t *)HOLE_PORT_MAP)[port / 8] >> port % 8 & 1);
}

static uint8_t byte_in(uint16_t port)
{
	const struct served *s = find_served(port);

	return s ? s->read(port) : inb(port);
}

static void byte_out(uint16_t port, uint8_t value)
{
	const struct served *s = find_served(port);

	if (s)
		s->write(port, value);
	else
		outb(port, value);
}

/*
 * A port that does not go straight is accessed byte by byte, as an ISA bus would split
 * it, but for PCI configuration space.
 */
bool port_in(uint16_t port, unsigned size, uint32_t *value)
{
	unsigned i;

	if (!is_straight(port)) {
		if (is_config(port, size)) {
			*value = pci_port_read(port, size);
			return true;
		}
		for (*value = 0, i = 0; i < size; i++)
			*value |= (uint32_t)byte_in((uint16_t)(port + i)) << i * 8;
	} else if (size == 1) {
		*value = inb(port);
	} else if (size == 2) {
		*value = inw(port);
	} else {
		*value = inl(port);
	}
	return true;
}

bool port_out(uint16_t port, unsigned size, uint32_t value)
{
	unsigned i;

	if (!is_straight(port)) {
		if (is_config(port, size)) {
			pci_port_write(port, size, value);
			return true;
		}
		for (i = 0; i < size; i++)
			byte_out((uint16_t)(port + i), (uint8_t)(value >> i * 8));
	} else if (size == 1) {
		outb(port, (uint8_t)value);
	} else if (size == 2) {
		outw(port, (uint16_t)value);
	} else {
		outl(port, value);
	}
	return true;
}
