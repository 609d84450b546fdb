// SPDX-License-Identifier: GPL-2.0-only
/*
 * Windows: guest frames, mapped in the hole for as long as nobody needs the
 * same slot.  A slot is chosen by the frame's number, so a frame that is in use
 * often stays mapped and costs no INVLPG.  Frames of the monitor are refused:
 * every access that follows guest data comes through here or through the
 * shadows, and both check.
 */
#include "monitor.h"

#define ENTRIES	512u
#define PTE_RW	0x63u

/*
 * Two frames are in use together only if their slots differ: nobody holds one
 * window while opening another.
 */
void *window_open(uint32_t frame)
{
	unsigned slot = frame % WINDOW_COUNT;
	uint32_t linear = HOLE_WINDOWS + slot * PAGE_SIZE;

	if (frame_is_monitor(frame) || frame_is_device(frame))
		return NULL;
	window_pt[slot / ENTRIES][slot % ENTRIES] = (uint64_t)frame << 12 | PTE_RW;
	cpu->window_tag[slot] = frame + 1;
	invlpg(linear);
	return (void *)linear;
}
