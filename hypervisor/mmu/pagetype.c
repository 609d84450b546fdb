// SPDX-License-Identifier: GPL-2.0-only
/*
 * The frames that the guest has announced as page tables.  At which level they
 * are is not kept: that follows from how a walk reaches them, and the guest's
 * word for it is sometimes wrong.  Frames above the monitor's block (RAM beyond
 * 4 GiB) are never announced: their tables have a TLB's semantics, which is
 * always right.
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

/* Again, perhaps: what the page held before counts no more. */
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
