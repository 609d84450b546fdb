/* SPDX-License-Identifier: GPL-2.0-only */
/* The start: POST's part (post.c), and the second half of VMI_Init (init.c). */
#ifndef VMI_START_H
#define VMI_START_H

#include "base/base.h"

/* ---- POST ---- */

/* calibrate.c: how fast the TSC and the local APIC's timer run, for boot. */
void calibrate(void);

/* protect.c: the protection mode, for boot, and why; and the policy for devices. */
const char *protect_choose(const char *built_in);
void devices_choose(const char *built_in);

/* probe.asm */
bool limits_enforced(void);

/* ---- VMI_Init ---- */

/* adopt.c: from here on every interrupt is the monitor's. */
void adopt_controllers(void);

#endif
