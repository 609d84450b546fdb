/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCI configuration space, for the other files of dev/.  The guest has no access of its
 * own: each of its reads and writes, by ports or by memory (MMCONFIG), is made by pci.c,
 * where a table of rules says what a read shows and what a write may change.
 */
#ifndef VMI_PCI_H
#define VMI_PCI_H

#include "dev/dev.h"

#define CONFIG_ENABLE	0x80000000u	/* in PORT_CONFIG_ADDRESS */
#define PCI_FUNCTION(bus, device, number)	((bus) << 8 | (device) << 3 | (number))
#define PCI_BRIDGE	PCI_FUNCTION(0, 0, 0)		/* the host bridge */
#define PCI_LPC		PCI_FUNCTION(0, 0x1f, 0)	/* the ICH9's LPC bridge */

/*
 * An access to some bytes of the dword at register @reg of @function: those whose bits
 * are set in @lanes.  Bytes of @value that are not accessed mean nothing.
 */
struct config_access {
	uint16_t function;	/* bus, device, function: PCI_FUNCTION() */
	uint16_t reg;		/* a multiple of 4; above FCh only by MMCONFIG */
	uint32_t lanes;		/* 0000FF00h: the second byte, and so on */
	uint32_t value;
};

/*
 * The registers @first to @last of every function.
 * Rules are looked up for each dword, and all that fit are asked, in the table's order.
 *
 * @read is called when the hardware has been read, and may change the value.  NULL:
 * the guest sees what the hardware has.
 *
 * @write is called before the hardware is written.  It may change the value, or take
 * bytes out of @lanes, which then do not reach the hardware.  It is given only those
 * bytes that lie in @first to @last.
 */
struct config_rule {
	uint16_t first, last;
	void (*read)(struct config_access *a);
	void (*write)(struct config_access *a);
};

/* config.c: the hardware's registers.  @reg is a multiple of 4, below 100h. */
uint32_t pci_read(unsigned function, unsigned reg);
void pci_write(const struct config_access *a);
void pci_write_dword(unsigned function, unsigned reg, uint32_t value);

/* All functions; of all buses, as a machine may have several that no bridge leads to. */
void pci_each_function(void (*found)(unsigned function));

/* The guest's accesses at ports CF8h to CFFh, 1, 2 or 4 bytes that all lie there. */
uint32_t pci_port_read(uint16_t port, unsigned size);
void pci_port_write(uint16_t port, unsigned size, uint32_t value);

/* Is @frame a page of MMCONFIG whose accesses are to be checked?  And such an access. */
bool pci_is_frame(uint64_t frame);
void pci_memory(uint64_t physical, unsigned size, bool write, uint32_t *value);

/* At VMI_Init. */
void pci_start(void);

#endif
