/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What POST found out about the machine, and where it put things.  It is written
 * once, while the BIOS runs the ROM (start/post.c) and in VMI_Init, and is constant
 * from the end of VMI_Init on.
 */
#ifndef VMI_BOOT_H
#define VMI_BOOT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hole.h"
#include "model/descriptor.h"

/*
 * Where VMI_IRET or VMI_SYSEXIT lies, as offsets in the ROM (vmi/transition.asm).
 * From @critical to @end virtual IF has been stored already, but the return has not
 * been executed yet: an interrupt there must complete the return first.
 */
struct return_path {
	uint32_t entry, critical, popped, last, end;
};
enum { RETURN_IRET, RETURN_SYSEXIT, RETURN_PATHS };

/*
 * Where the VMI layer adds a record to the queue of deferred calls, as offsets in
 * the ROM (vmi/defer.asm).
 */
struct region {
	uint32_t start, end;
};
#define REGIONS	6u

struct vcpu;

struct boot {
	uint32_t block, block_size;	/* the reserved block: physical address, bytes */
	uint32_t rom;			/* where the BIOS put the ROM */
	enum protect protect;
	enum { DEVICES_OPEN, DEVICES_CONTAINED } devices;	/* docs/ports.md */
	uint32_t khz;			/* of the TSC */
	uint32_t apic_tick;		/* cycles per tick of the local APIC's timer, APIC_TICK() */
	uint32_t apic_rate;		/* ticks of that timer per cycle, for scale31() */
	struct return_path returns[RETURN_PATHS];
	struct region regions[REGIONS];
	uint8_t *iret;			/* VMI_IRET in the copy at HOLE_ROM */
	uint8_t iret_bytes[2];		/* its first bytes, patched until it is first called */
	struct vcpu *vcpu;		/* the first CPU's, at an address that POST can use */
	struct descriptor *gates;	/* the 256 IDT entries that lead into the monitor */
	uint32_t sysenter_entry;	/* what the physical SYSENTER_EIP holds: gate_sysenter */
};
extern struct boot boot;

/* The physical address of something in the block, which is mapped at HOLE_BLOCK. */
static inline uint32_t block_physical(const void *p)
{
	return (uint32_t)(uintptr_t)p - HOLE_BLOCK + boot.block;
}

/* Does page frame @frame belong to the reserved block? */
static inline bool frame_is_monitor(uint64_t frame)
{
	return frame - boot.block / PAGE_SIZE < boot.block_size / PAGE_SIZE;
}

#endif
