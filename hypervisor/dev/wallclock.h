/* SPDX-License-Identifier: GPL-2.0-only */
/* The ports of the CMOS clock (wallclock.c), for port.c. */
#ifndef VMI_WALLCLOCK_H
#define VMI_WALLCLOCK_H

#include <stdint.h>

uint8_t wallclock_port_read(uint16_t port);
void wallclock_port_write(uint16_t port, uint8_t value);

#endif
