// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which frames the guest has announced as page tables: a bitmap.  The level of a table
 * is not recorded.  How a walk reaches the table tells it, while what guests say is
 * sometimes wrong.  Frames above the reserved block (RAM beyond 4 GiB) cannot be
 * announced; tables there have the semantics of a TLB, which are always correct.
 */
#include "mmu/shadow.h"

void tables_prepare(void)
{
	mmu.announced_frames = boot.block / PAGE_SIZE;
	mmu.announced = pool_pages(mmu.announced_frames / 8 / PAGE_SIZE + 1);
}

bool table_announced(uint32_t frame)
{
	return frame < mmu.announced_frames && (mmu.announced[frame / 32] >> frame % 32 & 1);
}

/* The frame may have been announced before, with other contents: drop what that left. */
void table_announce(uint32_t frame)
{
	if (frame >= mmu.announced_frames)
		return;
	shadowpage_drop_frame(frame);
	mmu.announced[frame / 32] |= 1u << frame % 32;
}

void table_release(uint32_t frame)
{
	if (!table_announced(frame))
		return;
	shadowpage_drop_frame(frame);
	mmu.announced[frame / 32] &= ~(1u << frame % 32);
}
