// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCI configuration space as the hardware has it, for the monitor's own use and for what
 * pci.c lets the guest do.
 */
#include "dev/pci.h"

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
