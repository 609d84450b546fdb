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

/* Leaves the dword that holds the register behind PCI_DATA. */
void pci_select(uint32_t address);

/* The dword, and one byte of it. */
uint32_t pci_read(uint32_t address);
uint8_t pci_read_byte(uint32_t address);
void pci_write_byte(uint32_t address, uint8_t value);

#endif
