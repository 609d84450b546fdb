/* SPDX-License-Identifier: GPL-2.0-only */
/* What the models of single ports remember. */
#ifndef VMI_PORTS_H
#define VMI_PORTS_H

#include <stdbool.h>
#include <stdint.h>

/* Shared by all CPUs: guarded by ports.lock once there are several. */
struct ports {
	uint32_t config_address;	/* CF8h, as the guest has written it */
	uint8_t port_92_a20;	/* bit A20 as the guest has written it, and reads it back */
	bool output_follows;	/* KBC_WRITE_OUTPUT was the last keyboard command */
};
extern struct ports ports;

#endif
