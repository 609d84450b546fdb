// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which frames may be mapped: RAM by the BIOS's map, what is below 1 MiB, and what devices
 * decode, unless they are the monitor's or claimed.  The comparisons by which most frames
 * are told at once agree with that, whatever is claimed and wherever the block lies.
 * What devices decode and have claimed may change at any time: then all that is closed by
 * that has gone.
 *
 * Maps have up to RANGES ranges here; every loop over them is a search.
 *
 * Extract: hypervisor/base/boot.h frame_is_monitor
 * Extract: hypervisor/mmu/mmu.h range_has frame_is_rom
 * Extract: hypervisor/mmu/frames.c lower first_gap find_first close_windows frames_claim
 * Extract: hypervisor/mmu/frames.c is_ram is_device frame_is_ours frame_is_claimed
 * Extract: hypervisor/mmu/mmu.h frame_is_closed frame_is_plain
 * Extract: hypervisor/mmu/frames.c frame_is_special frames_are_taken
 * Extract: hypervisor/mmu/open.c is_covered frames_open frames_claim_device
 * Proves: up to the first closed frame all is RAM and nobody's, after any claim; what closes goes when what is open changes
 */
#include "symbolic.h"

/* Counters have values of their own; frames are all frames at once. */
#undef unsigned

#include "base/compiler.h"
#include "base/hole.h"

using symbolic::any;
using symbolic::boolean;

#define RANGES			2
#define MEGABYTE_FRAMES		0x100u		/* mmu.h */
#define ROM_FRAMES_FIRST	0xc0u
#define ROM_FRAMES		0x40u
#define DEVICE_CLAIMS		1u		/* there: 24 */
#undef WINDOW_COUNT
#define WINDOW_COUNT		2u		/* 1024 */
enum frame_claim { CLAIM_LOCAL_APIC, CLAIM_IO_APIC, CLAIM_GUEST_APIC, CLAIMS };

struct frame_range {
	uint32_t first, count;
};

static struct {
	frame_range range[RANGES];
	bool is_ram[RANGES];
	unsigned count;
	uint32_t low_end;
} map;

static uint32_t claimed[CLAIMS];

static struct {
	frame_range open[RANGES], devices[DEVICE_CLAIMS];
	unsigned open_count;
} mmu;

static struct vcpu {
	uint32_t apic_frame, first_closed, plain_frames, window_tag[WINDOW_COUNT];
} the_vcpu;

static struct {
	uint32_t block, block_size;
} boot;

static vcpu *this_vcpu()
{
	return &the_vcpu;
}

static bool watched, closed_all, reset_all;

static bool frame_is_watched(uint32_t frame) { return watched; }
static void windows_close() { closed_all = true; }
static void shadow_reset() { reset_all = true; }

static bool frame_is_claimed(uint32_t frame);
static bool frame_is_special(uint32_t frame);

static void copy(frame_range *to, const frame_range *from, size_t bytes)
{
	for (; bytes; bytes -= sizeof(*from))
		*to++ = *from++;
}

#define memcpy copy
#include "bits_frames.extracted.h"
#undef memcpy

/* ---- any state ---- */

static u32 any_number(const char *what, int i)
{
	return any<u32>((what + std::to_string(i)).c_str());
}

static frame_range any_range(const char *what, int i)
{
	std::string text = what;
	frame_range r = { any_number((text + "_first").c_str(), i), any_number((text + "_count").c_str(), i) };

	return r;
}

static bool any_bool(const char *what, int i)
{
	return any_number(what, i) == 1;
}

/* Of a range that does not wrap: see range(). */
static boolean lies_in(const u32 &frame, const frame_range &r)
{
	return frame - r.first < r.count;
}

static boolean lies_in_block(const u32 &frame)
{
	return u64(frame) - boot.block / PAGE_SIZE < u64(boot.block_size / PAGE_SIZE);
}

static void any_block()
{
	boot.block = any<u32>("block");
	boot.block_size = any<u32>("size");
	assume(boot.block % PAGE_SIZE == 0);
	assume(boot.block_size <= -boot.block);
}

static void any_state()
{
	unsigned i;

	map.count = RANGES;
	for (i = 0; i < RANGES; i++) {
		map.range[i] = any_range("map", i);
		map.is_ram[i] = !i || any_bool("ram", i);
	}
	for (i = 0; i < CLAIMS; i++)
		claimed[i] = any_number("claim", i);
	claimed[CLAIM_GUEST_APIC] = 0xffffffffu;	/* frames_prepare(): it is the vCPU's */
	mmu.open_count = 2;
	for (i = 0; i < mmu.open_count; i++)
		mmu.open[i] = any_range("open", i);
	for (i = 0; i < DEVICE_CLAIMS; i++)
		mmu.devices[i] = any_range("device", i);
	for (i = 0; i < WINDOW_COUNT; i++)
		the_vcpu.window_tag[i] = 0;
	the_vcpu.apic_frame = any<u32>("apic");
	the_vcpu.first_closed = any<u32>("first");
	the_vcpu.plain_frames = any<u32>("plain");
	any_block();
	watched = false;
	closed_all = reset_all = false;
}

/* ---- what the rule says ---- */

static boolean is_memory(const u32 &frame)
{
	boolean is = frame < 0x100u;
	unsigned i;

	for (i = 0; i < map.count; i++)
		if (map.is_ram[i])
			is = either(is, lies_in(frame, map.range[i]));
	return is;
}

static boolean is_decoded(const u32 &frame)
{
	boolean is(false);
	unsigned i;

	for (i = 0; i < mmu.open_count; i++)
		is = either(is, lies_in(frame, mmu.open[i]));
	return is;
}

/* Closed for another reason than a device's claim. */
static boolean must_be_closed(const u32 &frame)
{
	boolean taken = frame == the_vcpu.apic_frame;
	int i;

	taken = either(taken, lies_in_block(frame));
	for (i = 0; i < CLAIMS; i++)
		taken = either(taken, frame == claimed[i]);
	return either(taken, !either(is_memory(frame), is_decoded(frame)));
}

static boolean is_claimed_by_device(const u32 &frame)
{
	boolean is(false);
	unsigned i;

	for (i = 0; i < DEVICE_CLAIMS; i++)
		is = either(is, lies_in(frame, mmu.devices[i]));
	return is;
}

/* ---- proofs ---- */

static int which;

/* By integers without bounds. */
static void range()
{
	frame_range r = any_range("range", 0);

	assume(either(r.first == 0, r.count <= -r.first));	/* it ends at 2^32 */
	uint32_t frame = any<u32>("frame");

	boolean in_block(false), in_integers = both(frame >= r.first, u64(frame) < u64(r.first) + r.count);

	verify("a range has what lies in it",
	       either(both(lies_in(frame, r), in_integers), !either(lies_in(frame, r), in_integers)));
	any_block();
	in_block = both(frame >= boot.block / PAGE_SIZE,
			u64(frame) < u64(boot.block / PAGE_SIZE) + boot.block_size / PAGE_SIZE);
	verify("the block has what lies in it",
	       either(both(lies_in_block(frame), in_block), !either(lies_in_block(frame), in_block)));
	if (range_has(r, frame))
		verify("range_has() says so", in_integers);
	else
		verify("range_has() says not", !in_integers);
}

/* Up to the first gap all is RAM from 1 MiB on. */
static void gap()
{
	uint32_t frame = any<u32>("frame"), end;

	any_state();
	end = first_gap();
	verify("up to the first gap all is RAM", implies(both(frame >= 0x100u, frame < end), is_memory(frame)));
}

/* The first frame that may be closed, after any claim: below it none is. */
static void claim()
{
	uint32_t frame = any<u32>("frame"), to = any<u32>("to");

	any_state();
	/* a map of one range has its first gap anywhere: gap() */
	map.count = 1;
	mmu.open_count = 0;
	frames_claim((frame_claim)which, to);
	verify("below the first closed frame none is closed but by a device",
	       implies(frame < the_vcpu.first_closed, !must_be_closed(frame)));
	verify("frames told plain by a comparison are none of these, and no ROM's",
	       implies(frame - 0x100u < the_vcpu.plain_frames,
		       both(frame < the_vcpu.first_closed, frame >= 0x100u)));
	if (which == CLAIM_GUEST_APIC)
		verify("the claim is the vCPU's", the_vcpu.apic_frame == to);
	else
		verify("the claim is there", claimed[which] == to);
}

/* Windows' tags are frames plus 1; no frame is NO_FRAME. */
static void windows()
{
	uint32_t first = any<u32>("first"), count = any<u32>("count"), frame = any<u32>("frame"), before[WINDOW_COUNT];
	unsigned i;

	assume(frame != 0xffffffffu);
	for (i = 0; i < WINDOW_COUNT; i++)
		before[i] = the_vcpu.window_tag[i] = any_number("tag", i);
	close_windows(first, count);
	for (i = 0; i < WINDOW_COUNT; i++) {
		verify("no window is on a closed frame",
		       implies(lies_in(frame, { first, count }), the_vcpu.window_tag[i] != frame + 1));
		verify("a window that was closed is on such a frame",
		       either(the_vcpu.window_tag[i] == before[i], both(the_vcpu.window_tag[i] == 0, before[i] - 1 - first < count)));
	}
}

/*
 * From any first_closed that is right, as claim() has it.  A device's claim lies in what is
 * open by dev/ alone, so at or above first_closed: frames_claim_device().
 */
static void told()
{
	uint32_t frame = any<u32>("frame");
	boolean closed(false);

	any_state();
	map.count = mmu.open_count = 1;
	watched = which && any_bool("watched", 0);
	assume(implies(frame < the_vcpu.first_closed, !either(must_be_closed(frame), is_claimed_by_device(frame))));
	assume(implies(frame - 0x100u < the_vcpu.plain_frames,
		       both(frame < the_vcpu.first_closed, frame >= 0x100u)));
	closed = either(must_be_closed(frame), is_claimed_by_device(frame));
	if (which == 0) {
		if (frame_is_closed(frame))
			verify("what is closed is the monitor's, claimed, or nothing that may be mapped", closed);
		else
			verify("what may be mapped is RAM or decoded, and nobody's", !closed);
	} else {
		if (frame_is_plain(frame))
			verify("what is plain is not closed, no ROM, not watched",
			       !either(either(closed, lies_in(frame, { 0xc0u, 0x40u })), boolean(watched)));
		else
			verify("what is not plain is closed, a ROM's or watched",
			       either(either(closed, lies_in(frame, { 0xc0u, 0x40u })), boolean(watched)));
	}
}

/* What devices decode changes: if nothing is dropped, all that was open still is. */
static void open_others()
{
	/* any frame and ranges, said by what Z3 has to compare: their distances */
	frame_range ranges[1] = { any<u32>("new_first"), any<u32>("new_count") };
	frame_range old = { ranges[0].first + any<u32>("distance"), any<u32>("old_count") };
	uint32_t frame = old.first + any<u32>("offset");
	boolean before(false);

	mmu.open_count = 1;	/* each is looked for by itself */
	mmu.open[0] = old;
	closed_all = reset_all = false;
	before = is_decoded(frame);
	frames_open(ranges, which);
	verify("so many are open as were given", boolean(mmu.open_count == (unsigned)which));
	for (int i = 0; i < which; i++)
		verify("what is open is what was given",
		       both(mmu.open[i].first == ranges[i].first, mmu.open[i].count == ranges[i].count));
	verify("windows and shadows go together", boolean(closed_all == reset_all));
	if (!reset_all)
		verify("nothing is dropped only if all that was open still is", implies(before, is_decoded(frame)));
}

/* Of a few frames; for more the loop goes on. */
static void claim_device()
{
	frame_range r = any_range("claimed", 0);
	bool done;

	any_state();
	map.count = mmu.open_count = 1;
	assume(r.count <= 2);
	done = frames_claim_device(which, r);
	if (!done) {
		verify("the claim is given up", mmu.devices[which].count == 0);
		return;
	}
	verify("the claim is there", both(mmu.devices[which].first == r.first, mmu.devices[which].count == r.count));
	for (unsigned i = 0; i < 2; i++)
		verify("none of its frames was closed for another reason",
		       implies(r.count > i, !must_be_closed(r.first + i)));
	verify("what was mapped of it has gone", boolean(closed_all && reset_all));
}

/* Nothing that devices may decode is RAM or reserved (bar.c asks). */
static void taken()
{
	frame_range r = any_range("asked", 0);
	uint32_t frame = any<u32>("frame");
	unsigned i;

	any_state();
	assume(either(r.count == 0, r.count <= -r.first));	/* memory_range() gives none beyond 2^31 */
	map.low_end = any<u32>("low_end");
	if (frames_are_taken(r))
		return;
	for (i = 0; i < map.count; i++)
		verify("no frame of it is in the map", !both(lies_in(frame, r), lies_in(frame, map.range[i])));
	verify("it is above low RAM", implies(lies_in(frame, r), frame >= map.low_end));
}

int main()
{
	symbolic::start();
	symbolic::run(range);
	symbolic::run(gap);
	for (which = CLAIM_LOCAL_APIC; which < CLAIMS; which++)
		if (which != CLAIM_IO_APIC)	/* as the first one: its number is a constant here */
			symbolic::run(claim);
	symbolic::run(windows);
#ifdef PROVE_SLOW	/* not finished in the time there was: docs/proofs.md */
	for (which = 0; which < 2; which++)
		symbolic::run(told);
	which = 0;
	symbolic::run(claim_device);
#endif
	for (which = 0; which < 2; which++)
		symbolic::run(open_others);
	symbolic::run(taken);
	return symbolic::report();
}
