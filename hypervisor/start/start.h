/* SPDX-License-Identifier: GPL-2.0-only */
/* The start of the monitor: its part of POST (post.c), and of VMI_Init (init.c). */
#ifndef VMI_START_H
#define VMI_START_H

#include "base/base.h"

/* ---- POST ---- */

/* calibrate.c: measure how fast TSC and APIC timer run, and leave that in boot. */
void calibrate(void);

/*
 * protect.c: choose the protection mode, and leave it in boot.  @built_in is the ROM's
 * default.  Returns the reason, as text.
 */
const char *protect_choose(const char *built_in);
/* And the policy for devices, by opt/vmi/devices. */
void devices_choose(const char *built_in);

/* probe.asm: does the CPU check segment limits? */
bool limits_enforced(void);

/* ---- VMI_Init ---- */

/* adopt.c: take over the interrupt controllers; from here on the monitor has all interrupts. */
void adopt_controllers(void);

#endif
