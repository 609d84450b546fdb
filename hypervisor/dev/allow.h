/* SPDX-License-Identifier: GPL-2.0-only */
/* Which ports are open to the guest (allow.c), for dev/. */
#ifndef VMI_ALLOW_H
#define VMI_ALLOW_H

#include "dev/dev.h"

/* May the guest access the hardware's @port? */
bool port_is_open(unsigned port);

/* The guest has touched something closed, @what it is and where: one line for each. */
void closed_note(const char *what, uint32_t where);

#endif
