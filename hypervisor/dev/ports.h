/* SPDX-License-Identifier: GPL-2.0-only */
/* What the models of ports remember, and what of the platform is open just now. */
#ifndef VMI_PORTS_H
#define VMI_PORTS_H

#include <stdbool.h>
#include <stdint.h>

#define NOTES	64u

/* Shared by all CPUs: guarded by ports.lock once there are several. */
struct ports {
	uint32_t config_address;	/* CF8h, as the guest has written it */
	uint8_t port_92_a20;	/* bit A20 as the guest has written it, and reads it back */
	uint8_t reset_control;	/* CF9h and B3h, as the guest has written them */
	uint8_t smi_status;
	bool output_follows;	/* KBC_WRITE_OUTPUT was the last keyboard command */
	unsigned notes;
	struct {
		const char *what;
		uint32_t where;
	} noted[NOTES];		/* what was closed to the guest, and is in the log */
};
extern struct ports ports;

#endif
