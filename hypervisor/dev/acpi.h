/* SPDX-License-Identifier: GPL-2.0-only */
/* What POST has found in the ACPI tables (acpi.c), for dev/. */
#ifndef VMI_ACPI_H
#define VMI_ACPI_H

#include "dev/dev.h"

struct port_range {
	uint16_t first, last;
};

struct acpi {
	uint16_t control;		/* PM1a's control register, a port; 0: none */
	uint16_t smi_port;
	uint8_t enable, disable;	/* commands for smi_port; 0: none */
	uint8_t sleep_type;		/* SLP_TYP of S5 */
	uint8_t blocks;
	uint32_t facs;			/* physical address of the FACS; 0: none */
	struct port_range ports[3];	/* PM1a's events, the timer, GPE0: harmless registers */
};
extern struct acpi acpi;

/* 4.8.3.2: the PM1 control register */
#define CONTROL_SCI_ENABLE	0x0001u
#define CONTROL_TYPE		0x1c00u
#define CONTROL_TYPE_SHIFT	10
#define CONTROL_SLEEP		0x2000u

#endif
