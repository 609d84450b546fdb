// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stretches of the VMI layer that are one instruction to the guest, known by EIP:
 * they run in the hole's copy only.  Where they are POST has been told by the ROM
 * (rom/layout.asm).
 */
#include "cpu/cpu.h"

/* A record that is being added to the queue (vmi/defer.asm) is begun anew. */
uint32_t region_restart(uint32_t eip)
{
	uint32_t offset = eip - HOLE_ROM;
	unsigned i;

	for (i = 0; offset < ROM_MAX && i < REGIONS; i++)
		if (offset - boot.regions[i].start < boot.regions[i].end - boot.regions[i].start)
			return HOLE_ROM + boot.regions[i].start;
	return eip;
}

/* VMI_IRET or VMI_SYSEXIT (vmi/transition.asm). */
const struct return_path *region_return(uint32_t eip)
{
	uint32_t offset = eip - HOLE_ROM;
	unsigned i;

	for (i = 0; i < RETURN_PATHS; i++)
		if (offset >= boot.returns[i].critical && offset < boot.returns[i].end)
			return &boot.returns[i];
	return NULL;
}
