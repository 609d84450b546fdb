// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which page frames are not simply mapped for the guest: closed frames, which are the
 * monitor's memory and all that somebody has claimed, are not mapped at all; watched
 * frames (watch.c) are mapped read-only.  All others are plain.
 */
#include "mmu/shadow.h"

/* By claim.  CLAIM_GUEST_APIC is not kept here, as each vCPU has its own: apic_frame. */
CONST_AFTER_START static struct frame_range claimed[CLAIMS];

static uint32_t lower(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Most frames are RAM below every closed frame, and are recognised by one comparison. */
static void find_first(struct vcpu *v)
{
	uint32_t first = lower(boot.block / PAGE_SIZE, v->apic_frame);
	unsigned i;

	for (i = 0; i < CLAIMS; i++)
		if (claimed[i].count)
			first = lower(first, claimed[i].first);
	for (i = 0; i < DEVICE_CLAIMS; i++)
		if (mmu.devices[i].count)
			first = lower(first, mmu.devices[i].first);
	v->first_closed = first;
}

/* Windows on these frames may be open, from when they were not closed. */
static void close_windows(uint32_t first, uint32_t count)
{
	uint32_t *tag = this_vcpu()->window_tag;
	unsigned slot;

	for (slot = 0; slot < WINDOW_COUNT; slot++)
		if (tag[slot] && tag[slot] - 1 - first < count)
			tag[slot] = 0;
}

void frames_claim(enum frame_claim claim, uint32_t frame)
{
	if (claim == CLAIM_GUEST_APIC) {
		close_windows(frame, 1);
		this_vcpu()->apic_frame = frame;
		find_first(this_vcpu());
	} else {
		frames_claim_range(claim, frame, frame != NO_FRAME);
	}
}

void frames_claim_range(enum frame_claim claim, uint32_t first, uint32_t count)
{
	close_windows(first, count);
	claimed[claim] = (struct frame_range){ first, count };
	find_first(this_vcpu());
}

static bool in_ranges(const struct frame_range *r, unsigned ranges, uint32_t frame)
{
	for (; ranges; ranges--, r++)
		if (frame - r->first < r->count)
			return true;
	return false;
}

/* Is it closed for another reason than that a device's page is a model? */
static bool is_ours(uint32_t frame)
{
	return frame_is_monitor(frame) || frame == this_vcpu()->apic_frame ||
	       in_ranges(claimed, CLAIMS, frame);
}

bool frame_is_claimed(uint32_t frame)
{
	return is_ours(frame) || in_ranges(mmu.devices, DEVICE_CLAIMS, frame);
}

/*
 * A claim that comes while the guest runs: what is mapped of these frames must go, the
 * monitor's windows first, as shadow_reset() leaves them.
 */
bool frames_claim_device(unsigned device, uint32_t first, unsigned count)
{
	uint32_t frame;

	mmu.devices[device].count = 0;
	for (frame = first; frame - first < count; frame++)
		if (frame > NO_FRAME - count || is_ours(frame))
			count = 0;
	mmu.devices[device] = (struct frame_range){ first, count };
	for (frame = first; frame - first < count; frame++)
		window_close(frame);
	find_first(this_vcpu());
	return count != 0;
}

/* There are at most two tables, of which a kernel's has one page or two: a search is enough. */
bool frame_is_in_watch(uint32_t frame)
{
	const struct watch *w;
	unsigned i;

	for (w = this_vcpu()->watch; w < this_vcpu()->watch + WATCHES; w++)
		for (i = 0; i < w->pages; i++)
			if (w->frame[i] == frame)
				return true;
	return false;
}

bool frames_are_plain(uint32_t first, unsigned count)
{
	uint32_t frame;

	for (frame = first; frame < first + count; frame++)
		if (!frame_is_plain(frame))
			return false;
	return true;
}

/* Called in POST. */
void frames_prepare(struct vcpu *v)
{
	claimed[CLAIM_LOCAL_APIC] = (struct frame_range){ LOCAL_APIC_BASE / PAGE_SIZE, 1 };
	claimed[CLAIM_IO_APIC] = (struct frame_range){ IO_APIC_BASE / PAGE_SIZE, 1 };
	v->apic_frame = NO_FRAME;
	find_first(v);
}
