/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What POST has found out, and where it has put things: written once, while the
 * BIOS runs the ROM, and constant from the end of VMI_Init on.
 */
#ifndef VMI_BOOT_H
#define VMI_BOOT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hole.h"
#include "model/descriptor.h"

/*
 * The critical part of VMI_IRET and VMI_SYSEXIT: from the store to virtual IF
 * on, by offset in the ROM (vmi/transition.asm).
 */
struct return_path {
	uint32_t entry, critical, popped, last, end;
};
enum { RETURN_IRET, RETURN_SYSEXIT, RETURN_PATHS };

/* Where the VMI layer adds to the queue, likewise (vmi/defer.asm). */
struct region {
	uint32_t start, end;
};
#define REGIONS	6u

struct vcpu;

struct boot {
	uint32_t block, block_size;	/* physical */
	uint32_t rom;			/* where the BIOS put it */
	enum protect protect;
	uint32_t khz;			/* of the TSC */
	uint32_t apic_tick;		/* cycles per tick of the local APIC's timer, APIC_TICK() */
	uint32_t apic_rate;		/* ticks per cycle, for scale31() */
	struct return_path returns[RETURN_PATHS];
	struct region regions[REGIONS];
	uint8_t *iret;			/* VMI_IRET in the copy at HOLE_ROM */
	uint8_t iret_bytes[2];		/* its own, until it is first called */
	struct vcpu *vcpu;		/* the first CPU's, where POST can reach it */
	struct descriptor *gates;	/* the 256 of the IDT that lead into the monitor */
	uint32_t sysenter_entry;	/* where the processor's SYSENTER leads (gate_sysenter) */
};
extern struct boot boot;

/* The block is mapped at HOLE_BLOCK. */
static inline uint32_t block_physical(const void *p)
{
	return (uint32_t)(uintptr_t)p - HOLE_BLOCK + boot.block;
}

static inline bool frame_is_monitor(uint64_t frame)
{
	return frame - boot.block / PAGE_SIZE < boot.block_size / PAGE_SIZE;
}

#endif
