// SPDX-License-Identifier: GPL-2.0-only
/*
 * Critical regions: sequences in the VMI layer that must be like one instruction to the
 * guest.  They are recognised by EIP, which works because they run in the copy in the
 * hole only.  The ROM tells POST where they are (rom/layout.asm).
 */
#include "cpu/cpu.h"

/* Adding a record to the queue (vmi/defer.asm) has no effect until its end: restart it. */
uint32_t region_restart(uint32_t eip)
{
	uint32_t offset = eip - HOLE_ROM;
	unsigned i;

	for (i = 0; offset < ROM_MAX && i < REGIONS; i++)
		if (offset - boot.regions[i].start < boot.regions[i].end - boot.regions[i].start)
			return HOLE_ROM + boot.regions[i].start;
	return eip;
}

/* VMI_IRET and VMI_SYSEXIT (vmi/transition.asm) cannot be restarted, but completed. */
const struct return_path *region_return(uint32_t eip)
{
	uint32_t offset = eip - HOLE_ROM;
	unsigned i;

	for (i = 0; i < RETURN_PATHS; i++)
		if (offset >= boot.returns[i].critical && offset < boot.returns[i].end)
			return &boot.returns[i];
	return NULL;
}
