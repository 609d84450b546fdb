// SPDX-License-Identifier: GPL-2.0-only
/*
 * Windows: guest page frames that are mapped in the hole for the monitor.  The frame's
 * number chooses the slot, and a window stays open until another frame needs that slot;
 * so a frame that is used often stays mapped and costs no INVLPG.  Closed frames are
 * refused.  Every access to an address that the guest has chosen goes through a window
 * or through the shadows, and both check this.
 */
#include "mmu/mmu.h"

/* Opening a window may replace any other; no caller keeps a window pointer across this. */
void *window_open(uint32_t frame)
{
	unsigned slot = frame % WINDOW_COUNT;
	void *at = window_at(frame);

	if (frame_is_monitor(frame) || frame_is_closed(frame) || frame_is_rom(frame))
		return NULL;
	this_vcpu()->window_pt[slot / ENTRIES][slot % ENTRIES] = (uint64_t)frame << 12 | PTE_RW;
	this_vcpu()->window_tag[slot] = frame + 1;
	invlpg((uint32_t)(uintptr_t)at);
	return at;
}

void windows_close(void)
{
	memset(this_vcpu()->window_tag, 0, sizeof(this_vcpu()->window_tag));
}
