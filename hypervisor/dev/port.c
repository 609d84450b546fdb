// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ports.  At ring 1 all of them trap; a table says whose they are: a model's, or
 * the shield's; all others are the hardware's.  One bitmap in the monitor's TSS
 * says which go straight: the gate asks it for the port calls (entry.asm), and
 * while virtual IOPL is 3 the processor does for ring 3.  docs/ports.md has the
 * policy.
 */
#include "dev/controllers.h"
#include "dev/shield.h"
#include "dev/wallclock.h"

#define WIDEST			4u

/* Ports @first to @last have these for a byte. */
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
	{ PORT_CONFIG_ADDRESS, PORT_CONFIG_DATA + 3, shield_read, shield_write },
};

static const struct served *find(unsigned port)
{
	const struct served *s;

	for (s = served; s < served + sizeof(served) / sizeof(served[0]); s++)
		if (s->first <= port && port <= s->last)
			return s;
	return NULL;
}

/*
 * Whatever the width: so a port goes straight only if those that a wider access
 * to it reaches do as well.
 */
bool port_goes_straight(unsigned port)
{
	unsigned i;

	for (i = 0; i < WIDEST; i++)
		if (port + i >= PORTS || find(port + i))
			return false;
	return true;
}

static bool straight(uint16_t port)
{
	return !(((const uint8_t *)HOLE_PORT_MAP)[port / 8] >> port % 8 & 1);
}

static uint8_t byte_in(uint16_t port)
{
	const struct served *s = find(port);

	return s ? s->read(port) : inb(port);
}

static void byte_out(uint16_t port, uint8_t value)
{
	const struct served *s = find(port);

	if (s)
		s->write(port, value);
	else
		outb(port, value);
}

bool port_in(uint16_t port, unsigned size, uint32_t *value)
{
	unsigned i;

	if (!straight(port)) {
		if (size > 1 && shield_access(port, size, false, value))
			return true;
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

	if (!straight(port)) {
		if (size > 1 && shield_access(port, size, true, &value))
			return true;
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
