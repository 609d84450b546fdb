/* SPDX-License-Identifier: GPL-2.0-only */
/* The ports of the CMOS clock and its memory (wallclock.c), for dev/. */
#ifndef VMI_WALLCLOCK_H
#define VMI_WALLCLOCK_H

#include <stdint.h>

uint8_t wallclock_port_read(uint16_t port);
void wallclock_port_write(uint16_t port, uint8_t value);

/* At VMI_Init: the shutdown byte becomes a model, and the clock is read. */
void wallclock_start(void);

/* The hardware's shutdown byte becomes 0. */
void wallclock_clear_shutdown(void);

#endif
