/* SPDX-License-Identifier: GPL-2.0-only */
/* What the models of ports remember, and what of the platform is open just now. */
#ifndef VMI_PORTS_H
#define VMI_PORTS_H

#include <stdbool.h>
#include <stdint.h>

#define NOTES		64u
#define FUNCTIONS	64u
#define BARS		9u	/* dwords from 10h to 33h; not all are base addresses */

/* A dword of a function that may be a base address, as the guest sees it. */
struct pci_bar {
	uint32_t value;
	uint32_t writable;	/* 0: it is no base address */
};

struct pci_function {
	uint16_t function;	/* PCI_FUNCTION() */
	uint16_t class;		/* base class and subclass */
	uint16_t command;	/* as the guest has written it */
	bool is_bridge;		/* to another PCI bus */
	struct pci_bar bar[BARS];
};

struct port_range {
	uint16_t first, last;
};
#define IO_RANGES	64u

/* Shared by all CPUs: guarded by ports.lock once there are several. */
struct ports {
	uint32_t config_address;	/* CF8h, as the guest has written it */
	uint8_t port_92_a20;	/* bit A20 as the guest has written it, and reads it back */
	uint8_t reset_control;	/* CF9h and B3h, as the guest has written them */
	uint8_t smi_status;
	bool output_follows;	/* KBC_WRITE_OUTPUT was the last keyboard command */
	struct pci_function functions[FUNCTIONS];
	unsigned function_count;
	struct port_range io[IO_RANGES];	/* what PCI functions decode just now */
	unsigned io_count;
	unsigned notes;
	struct {
		const char *what;
		uint32_t where;
	} noted[NOTES];		/* what was closed to the guest, and is in the log */
};
extern struct ports ports;

#endif
