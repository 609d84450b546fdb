/* SPDX-License-Identifier: GPL-2.0-only */
/* Shielded registers, for port.c and device.c. */
#ifndef VMI_SHIELD_H
#define VMI_SHIELD_H

#include "dev/dev.h"

/* A byte at a shielded port. */
uint8_t shield_read(uint16_t port);
void shield_write(uint16_t port, uint8_t value);

/* Accesses whose width matters; false: byte by byte will do. */
bool shield_access(uint16_t port, unsigned size, bool write, uint32_t *value);

/* The pages of the window on PCI configuration space that hold shielded registers. */
bool shield_is_frame(uint64_t frame);
void shield_memory(uint64_t physical, unsigned size, bool write, uint32_t *value);

/* Shared by all CPUs: guarded by ports.lock once there are several. */
struct ports {
	uint8_t port_92_a20;	/* what the guest has written there, and reads back */
	bool output_follows;	/* KBC_WRITE_OUTPUT was the last command */
};
extern struct ports ports;

#endif
