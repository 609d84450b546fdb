// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCI configuration space as the hardware has it, for the monitor's own use and for what
 * pci.c lets the guest do.
 */
#include "dev/pci.h"

#define REG_IDENTITY	0x00u
#define REG_HEADER	0x0cu
#define HEADER_MANY	0x00800000u	/* it has functions 1 to 7, too */
#define BUSES		256u
#define DEVICES		32u

static void select(unsigned function, unsigned reg)
{
	outl(PORT_CONFIG_ADDRESS, CONFIG_ENABLE | function << 8 | reg);
}

uint32_t pci_read(unsigned function, unsigned reg)
{
	select(function, reg);
	return inl(PORT_CONFIG_DATA);
}

/* The hardware sees the bytes together that the guest has written together. */
void pci_write(const struct config_access *a)
{
	unsigned i;

	select(a->function, a->reg);
	if (a->lanes == 0xffffffffu)
		outl(PORT_CONFIG_DATA, a->value);
	else if (a->lanes == 0xffffu || a->lanes == 0xffff0000u)
		outw((uint16_t)(PORT_CONFIG_DATA + (a->lanes == 0xffffu ? 0 : 2)),
		     (uint16_t)(a->value >> (a->lanes == 0xffffu ? 0 : 16)));
	else
		for (i = 0; i < 4; i++)
			if (a->lanes >> i * 8 & 0xff)
				outb((uint16_t)(PORT_CONFIG_DATA + i), (uint8_t)(a->value >> i * 8));
}

void pci_write_dword(unsigned function, unsigned reg, uint32_t value)
{
	pci_write(&(struct config_access){ .function = (uint16_t)function, .reg = (uint16_t)reg,
					   .lanes = 0xffffffffu, .value = value });
}

/* ---- what is there ---- */

static bool is_there(unsigned function)
{
	return (pci_read(function, REG_IDENTITY) & 0xffff) != 0xffff;
}

static void each_of_device(unsigned function, void (*found)(unsigned function))
{
	unsigned i, functions = pci_read(function, REG_HEADER) & HEADER_MANY ? 8 : 1;

	for (i = 0; i < functions; i++)
		if (is_there(function + i))
			found(function + i);
}

void pci_each_function(void (*found)(unsigned function))
{
	unsigned bus, device;

	for (bus = 0; bus < BUSES; bus++)
		for (device = 0; device < DEVICES; device++)
			if (is_there(PCI_FUNCTION(bus, device, 0)))
				each_of_device(PCI_FUNCTION(bus, device, 0), found);
}
