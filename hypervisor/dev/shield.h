/* SPDX-License-Identifier: GPL-2.0-only */
/* Accesses to shielded registers (shield.c), for port.c and device.c. */
#ifndef VMI_SHIELD_H
#define VMI_SHIELD_H

#include "dev/dev.h"

/* A byte at a shielded port. */
uint8_t shield_read(uint16_t port);
void shield_write(uint16_t port, uint8_t value);

/*
 * The ports of PCI configuration space, whose width matters.  false: it is none of
 * these; access it byte by byte.
 */
bool shield_access(uint16_t port, unsigned size, bool write, uint32_t *value);

/*
 * Is @frame a page of MMCONFIG (PCI configuration space in memory) that holds shielded
 * registers?  And an access to such a page.
 */
bool shield_is_frame(uint64_t frame);
void shield_memory(uint64_t physical, unsigned size, bool write, uint32_t *value);

/* Shared by all CPUs: guarded by ports.lock once there are several. */
struct ports {
	uint8_t port_92_a20;	/* bit A20 as the guest has written it, and reads it back */
	bool output_follows;	/* KBC_WRITE_OUTPUT was the last keyboard command */
};
extern struct ports ports;

#endif
