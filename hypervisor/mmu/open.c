// SPDX-License-Identifier: GPL-2.0-only
/*
 * What devices decode changes while the guest runs: dev/ says what is open from now on,
 * and which frames of that are models; what the guest has mapped of the rest goes.
 */
#include "mmu/shadow.h"

/* Does each frame of @r lie in one of the @count @ranges? */
static bool is_covered(struct frame_range r, const struct frame_range *ranges, unsigned count)
{
	unsigned i;

	for (i = 0; i < count; i++)
		if (range_has(ranges[i], r.first) &&
		    r.count <= ranges[i].count - (r.first - ranges[i].first))
			return true;
	return r.count == 0;
}

void frames_open(const struct frame_range *ranges, unsigned count)
{
	bool all_stay = true;
	unsigned i;

	for (i = 0; i < mmu.open_count; i++)
		all_stay = all_stay && is_covered(mmu.open[i], ranges, count);
	memcpy(mmu.open, ranges, count * sizeof(*ranges));
	mmu.open_count = count;
	if (all_stay)
		return;
	windows_close();
	shadow_reset();
}

bool frames_claim_device(unsigned device, struct frame_range range)
{
	uint32_t i;

	for (i = 0; i < range.count; i++)
		if (frame_is_ours(range.first + i))
			range.count = 0;
	mmu.devices[device] = range;
	if (range.count) {
		windows_close();
		shadow_reset();
	}
	return range.count != 0;
}
