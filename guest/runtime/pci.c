/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCI configuration space, for the tests that look for a device.
 */
#include "pci.h"

#include "vmi.h"

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
