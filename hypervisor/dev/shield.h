/* SPDX-License-Identifier: GPL-2.0-only */
/* Accesses to shielded registers (shield.c), for port.c and device.c. */
#ifndef VMI_SHIELD_H
#define VMI_SHIELD_H

#include "dev/dev.h"

/* A byte at a shielded port. */
uint8_t shield_read(uint16_t port);
void shield_write(uint16_t port, uint8_t value);

#endif
