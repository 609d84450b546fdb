/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The choice between bare hardware and the monitor, and the end of a run.
 */
#ifndef RUNTIME_PLATFORM_H
#define RUNTIME_PLATFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "vmi.h"

/*
 * Looks for the ROM and activates it unless told to stay native; prints what
 * came of it: `platform: vmi, cpl 1, N sites` or
 * `platform: native, cpl 0 (reason)`. Interrupts must be off.
 */
void platform_start(bool stay_native);

/* True once the kernel runs under the monitor. */
bool platform_is_vmi(void);

/* The ROM in use; nothing in it counts when native. */
struct vmi_rom;
const struct vmi_rom *platform_rom(void);

/* A call's entry where the BIOS put the ROM, not in the copy at virtual top; 0 if it is not there. */
uint32_t platform_rom_entry(enum vmi_call call);

/*
 * The monitor protects itself by ending all segments below it, as it does in
 * segment mode, so that the kernel's data segment is smaller than it was.
 */
bool platform_cuts_segments(void);

/* The ring that the kernel was started in. */
unsigned int platform_ring_before(void);

/* Why the kernel is native; empty under the monitor. */
const char *platform_reason(void);

/* Call sites that were rewritten. */
unsigned int platform_patched_sites(void);

/* Ends the run; 0 is success. QEMU's exit status is (status << 1) | 1. */
void platform_exit(uint8_t status) __attribute__((noreturn));

/* Prints `failed: reason` and ends the run with a failure. */
void platform_fail(const char *reason) __attribute__((noreturn));

#endif
