/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCI configuration space, for the tests that look for a device.
 */
#include "pci.h"

#include "vmi.h"

#define LIST		0x34		/* register: the first capability */
#define LIST_MAX	48

void pci_select(uint32_t address)
{
	vmi_outl(PCI_ENABLE | (address & ~3u), PCI_ADDRESS);
}

uint32_t pci_read(uint32_t address)
{
	pci_select(address);
	return vmi_inl(PCI_DATA);
}

uint8_t pci_read_byte(uint32_t address)
{
	pci_select(address);
	return vmi_inb((uint16_t)(PCI_DATA + address % 4));
}

void pci_write_byte(uint32_t address, uint8_t value)
{
	pci_select(address);
	vmi_outb(value, (uint16_t)(PCI_DATA + address % 4));
}

void pci_write(uint32_t address, uint32_t value)
{
	pci_select(address);
	vmi_outl(value, PCI_DATA);
}

uint32_t pci_find(uint32_t id)
{
	uint32_t slot;

	for (slot = 0; slot < PCI_DEVICES; slot++)
		if (pci_read(PCI_DEVICE(slot)) == id)
			return PCI_DEVICE(slot);
	return PCI_NONE;
}

uint32_t pci_capability(uint32_t function, uint8_t identity)
{
	uint32_t at = pci_read_byte(function + LIST), steps;

	for (steps = 0; at && steps < LIST_MAX; steps++) {
		if (pci_read_byte(function + at) == identity)
			return function + at;
		at = pci_read_byte(function + at + 1);
	}
	return 0;
}

uint32_t pci_open(uint32_t function, unsigned int bar)
{
	pci_select(function + PCI_COMMAND);
	vmi_outw(PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, PCI_DATA);
	return pci_read(function + PCI_BAR(bar)) & ~0xfu;
}
