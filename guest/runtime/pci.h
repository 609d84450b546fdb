/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCI configuration space by the pair of ports (PCI 2.2, 3.2.2.3.2).  An address
 * is a function's, PCI_DEVICE(), plus the register's.
 */
#ifndef RUNTIME_PCI_H
#define RUNTIME_PCI_H

#include <stdint.h>

#define PCI_ADDRESS	0xcf8
#define PCI_DATA	0xcfc
#define PCI_ENABLE	0x80000000u
#define PCI_DEVICES	32

/* Function 0 of a device on bus 0. */
#define PCI_DEVICE(number)	((uint32_t)(number) << 11)

/* Registers of every function, and bits of them. */
#define PCI_COMMAND		0x04
#define PCI_COMMAND_MEMORY	2u
#define PCI_COMMAND_MASTER	4u
#define PCI_BAR(number)		(0x10u + 4 * (number))
#define PCI_CAPABILITY_MSI	0x05
#define PCI_CAPABILITY_MSIX	0x11

/* Leaves the dword that holds the register behind PCI_DATA. */
void pci_select(uint32_t address);

/* The dword, and one byte of it. */
uint32_t pci_read(uint32_t address);
uint8_t pci_read_byte(uint32_t address);
void pci_write_byte(uint32_t address, uint8_t value);
void pci_write(uint32_t address, uint32_t value);

/* Function 0 of the first device on bus 0 with this vendor and device; PCI_NONE: none. */
#define PCI_NONE	0xffffffffu
uint32_t pci_find(uint32_t id);

/* The address of a capability of the function, by its identity; 0: it has none. */
uint32_t pci_capability(uint32_t function, uint8_t identity);

/* Lets the function decode memory and be bus master, and returns its BAR's address. */
uint32_t pci_open(uint32_t function, unsigned int bar);

#endif
