/* SPDX-License-Identifier: GPL-2.0-only */
/* The ports that control the machine as a whole (control.c), for dev/. */
#ifndef VMI_CONTROL_H
#define VMI_CONTROL_H

#include "dev/dev.h"

/* A byte at the keyboard controller, at ports 92h, B2h and B3h, and at CF9h. */
uint8_t control_read(uint16_t port);
void control_write(uint16_t port, uint8_t value);

/*
 * ACPI's PM1 control register: does an access concern it, and if so, that access.  Bytes
 * of other ports beside it are not accessed.
 */
bool control_is_pm1(unsigned port, unsigned size);
uint32_t control_pm1_read(unsigned port, unsigned size);
void control_pm1_write(unsigned port, unsigned size, uint32_t value);

void control_start(void);

#endif
