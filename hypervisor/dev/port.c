// SPDX-License-Identifier: GPL-2.0-only
/*
 * I/O ports.  All port instructions of ring 1 trap.  The table here names the ports
 * that a model serves; of the others those are open that allow.c lists.  A bitmap in
 * the monitor's TSS (HOLE_PORT_MAP) says which ports go straight to the hardware: the
 * gate looks there for port calls (entry/entry.asm), and the processor for ring 3
 * while virtual IOPL is 3 (cpu/tss.c).  docs/ports.md has the policy.
 */
#include "dev/allow.h"
#include "dev/control.h"
#include "dev/controllers.h"
#include "dev/pci.h"
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
	{ PORT_KEYBOARD_DATA, PORT_KEYBOARD_DATA, control_read, control_write },
	{ PORT_KEYBOARD_COMMAND, PORT_KEYBOARD_COMMAND, control_read, control_write },
	{ PORT_92, PORT_92, control_read, control_write },
	{ PORT_SMI_COMMAND, PORT_SMI_STATUS, control_read, control_write },
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

static bool goes_to_hardware(unsigned port)
{
	return port < PORTS && port_is_open(port) && !find_served(port) && !control_is_pm1(port, 1);
}

/* Does an access of @size bytes concern nothing but open ports of the hardware? */
static bool all_to_hardware(unsigned port, unsigned size)
{
	unsigned i;

	for (i = 0; i < size; i++)
		if (!goes_to_hardware(port + i))
			return false;
	return true;
}

/*
 * The bitmap has one bit for a port and none for a width.  So a port goes straight
 * only if the next three, which a wider access to it reaches, do as well.
 */
bool port_goes_straight(unsigned port)
{
	return all_to_hardware(port, WIDEST);
}

static bool is_straight(uint16_t port)
{
	return !(((const uint8_t *)HOLE_PORT_MAP)[port / 8] >> port % 8 & 1);
}

/* Where nothing is open, the guest finds what it finds where no device is. */
static uint8_t byte_in(uint16_t port)
{
	const struct served *s = find_served(port);

	if (s)
		return s->read(port);
	if (port_is_open(port))
		return inb(port);
	closed_note("port", port);
	return 0xff;
}

static void byte_out(uint16_t port, uint8_t value)
{
	const struct served *s = find_served(port);

	if (s)
		s->write(port, value);
	else if (port_is_open(port))
		outb(port, value);
	else
		closed_note("port", port);
}

static uint32_t hardware_in(uint16_t port, unsigned size)
{
	return size == 1 ? inb(port) : size == 2 ? inw(port) : inl(port);
}

static void hardware_out(uint16_t port, unsigned size, uint32_t value)
{
	if (size == 1)
		outb(port, (uint8_t)value);
	else if (size == 2)
		outw(port, (uint16_t)value);
	else
		outl(port, value);
}

/*
 * An access that concerns a model, or a closed port, is made byte by byte, as an ISA
 * bus would split it, but for the two kinds of registers that take no bytes.
 */
bool port_in(uint16_t port, unsigned size, uint32_t *value)
{
	unsigned i;

	if (is_straight(port) || all_to_hardware(port, size))
		*value = hardware_in(port, size);
	else if (is_config(port, size))
		*value = pci_port_read(port, size);
	else if (control_is_pm1(port, size))
		*value = control_pm1_read(port, size);
	else
		for (*value = 0, i = 0; i < size; i++)
			*value |= (uint32_t)byte_in((uint16_t)(port + i)) << i * 8;
	return true;
}

bool port_out(uint16_t port, unsigned size, uint32_t value)
{
	unsigned i;

	if (is_straight(port) || all_to_hardware(port, size))
		hardware_out(port, size, value);
	else if (is_config(port, size))
		pci_port_write(port, size, value);
	else if (control_is_pm1(port, size))
		control_pm1_write(port, size, value);
	else
		for (i = 0; i < size; i++)
			byte_out((uint16_t)(port + i), (uint8_t)(value >> i * 8));
	return true;
}

void platform_start(void)
{
	pci_start();
	control_start();
	wallclock_start();
}
