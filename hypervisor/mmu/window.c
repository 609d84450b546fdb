// SPDX-License-Identifier: GPL-2.0-only
/*
 * Windows: guest frames, mapped in the hole for as long as nobody needs the
 * same slot.  A slot is chosen by the frame's number, so a frame that is in use
 * often stays mapped and costs no INVLPG.  Closed frames are refused: every
 * access that follows guest data comes through here or through the shadows, and
 * both check.
 */
#include "mmu/mmu.h"

/* Opening a window may replace any other; no caller keeps a window pointer across this. */
void *window_open(uint32_t frame)
{
	unsigned slot = frame % WINDOW_COUNT;
	void *at = window_at(frame);

	if (frame_is_monitor(frame) || frame_is_closed(frame))
		return NULL;
	this_vcpu()->window_pt[slot / ENTRIES][slot % ENTRIES] = (uint64_t)frame << 12 | PTE_RW;
	this_vcpu()->window_tag[slot] = frame + 1;
	invlpg((uint32_t)(uintptr_t)at);
	return at;
}
