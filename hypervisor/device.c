// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages that are never mapped for the guest: the interrupt controllers', which
 * are models, and the monitor's own memory.  Accesses come here from the
 * emulator.  Where no model answers it is as if there were no memory: reads
 * give ones, writes are lost.
 */
#include "monitor.h"

bool device_page(uint32_t linear, unsigned access)
{
	struct translation t;

	return walk(linear, access, &t) && frame_is_device(t.physical >> 12);
}

void device_access(uint32_t linear, unsigned size, bool write, uint32_t *value)
{
	(void)linear;
	if (!write)
		*value = size == 4 ? 0xffffffffu : (1u << size * 8) - 1;
}
