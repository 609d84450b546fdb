// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which page frames are not simply mapped for the guest: closed frames, which are the
 * monitor's memory and all that somebody has claimed, are not mapped at all; watched
 * frames (watch.c) are mapped read-only.  All others are plain.
 */
#include "mmu/mmu.h"

/* By claim.  CLAIM_GUEST_APIC is not kept here, as each vCPU has its own: apic_frame. */
CONST_AFTER_START static uint32_t claimed[CLAIMS];

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
		first = lower(first, claimed[i]);
	v->first_closed = first;
}

/* A window on the frame, from when it was not closed. */
static void close_window(uint32_t frame)
{
	if (window_is_open(frame))
		this_vcpu()->window_tag[frame % WINDOW_COUNT] = 0;
}

void frames_claim(enum frame_claim claim, uint32_t frame)
{
	close_window(frame);
	if (claim == CLAIM_GUEST_APIC)
		this_vcpu()->apic_frame = frame;
	else
		claimed[claim] = frame;
	find_first(this_vcpu());
}

bool frame_is_claimed(uint32_t frame)
{
	unsigned i;

	if (frame_is_monitor(frame) || frame == this_vcpu()->apic_frame)
		return true;
	for (i = 0; i < CLAIMS; i++)
		if (claimed[i] == frame)
			return true;
	return false;
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
	unsigned i;

	for (i = 0; i < CLAIMS; i++)
		claimed[i] = NO_FRAME;
	claimed[CLAIM_LOCAL_APIC] = LOCAL_APIC_BASE / PAGE_SIZE;
	claimed[CLAIM_IO_APIC] = IO_APIC_BASE / PAGE_SIZE;
	v->apic_frame = NO_FRAME;
	find_first(v);
}
