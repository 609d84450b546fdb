// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one comparison by which most frames are told from the closed ones: whatever is
 * claimed and wherever the block lies, no frame of those is below first_closed.
 *
 * Extract: hypervisor/base/boot.h frame_is_monitor
 * Extract: hypervisor/mmu/frames.c lower find_first frames_claim frame_is_claimed
 * Extract: hypervisor/mmu/mmu.h frame_is_closed
 * Proves: frames of the monitor's and claimed ones are closed, and no others, after any claim
 */
#include "symbolic.h"

#include "base/compiler.h"
#include "base/hole.h"

using symbolic::any;
using symbolic::boolean;

/* mmu.h */
enum frame_claim { CLAIM_LOCAL_APIC, CLAIM_IO_APIC, CLAIM_CONFIG_BRIDGE, CLAIM_CONFIG_LPC, CLAIM_GUEST_APIC, CLAIMS };

static struct {
	uint32_t frame[CLAIMS];

	uint32_t &operator[](const uint32_t &i)
	{
		if (!i.known || i.value >= CLAIMS)
			abort();
		return frame[i.value];
	}
} claimed;

static struct vcpu {
	uint32_t apic_frame, first_closed;
} the_vcpu;

static struct {
	uint32_t block, block_size;
} boot;

static vcpu *this_vcpu()
{
	return &the_vcpu;
}

static bool frame_is_claimed(uint32_t frame);

#include "bits_frames.extracted.h"

static int which;

static void closed()
{
	uint32_t frame = any<u32>("frame"), to = any<u32>("to");
	boolean really(false);
	int i;

	for (i = 0; i < CLAIMS; i++)
		claimed[i] = any<u32>(("claim" + std::to_string(i)).c_str());
	the_vcpu.apic_frame = any<u32>("apic");
	the_vcpu.first_closed = any<u32>("first");
	boot.block = any<u32>("block");
	boot.block_size = any<u32>("size");
	assume(boot.block % PAGE_SIZE == 0);
	assume(boot.block_size <= -boot.block);

	frames_claim((frame_claim)which, to);
	really = either(frame == the_vcpu.apic_frame,
			both(frame >= boot.block / PAGE_SIZE,
			     u64(frame) < u64(boot.block / PAGE_SIZE) + boot.block_size / PAGE_SIZE));
	for (i = 0; i < CLAIMS; i++)
		really = either(really, frame == claimed[i]);
	if (frame_is_closed(frame))
		verify("what is closed is the monitor's or claimed", really);
	else
		verify("what is the monitor's or claimed is closed", !really);
	if (which == CLAIM_GUEST_APIC)
		verify("the claim is the vCPU's", the_vcpu.apic_frame == to);
	else
		verify("the claim is there", claimed[which] == to);
}

int main()
{
	symbolic::start();
	/* the others are as the first one: their numbers are constants here */
	for (which = CLAIM_LOCAL_APIC; which < CLAIMS; which += CLAIM_GUEST_APIC)
		symbolic::run(closed);
	return symbolic::report();
}
