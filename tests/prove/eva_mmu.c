// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which frames are closed or watched, the windows, and guest memory by linear
 * address.  Of absolute addresses only the last window is memory here; copies are
 * stubs.
 *
 * Proves: frames.c, open.c, window.c, watch.c, guestmem.c, guest_entry(): no run-time error for any frame and address
 * Options: -absolute-valid-range 0xfe3ff000-0xfe3fffff -eva-split-return-function guest_entry:0
 */
#include "mmu.h"

/* That the guest's side of a copy lies below the hole is WP's subject (wp_memory.c). */
//@ assigns \result \from to;
uint32_t copy_fixup(void *to, const void *from, uint32_t n);

/* What is copied to a window stays in its page: bits.cc. */
//@ assigns \result \from to;
void *memcpy(void *to, const void *from, size_t n);

/* Nor what is set of a buffer beyond it: eva_store. */
//@ assigns \result \from to;
void *memset(void *to, int value, size_t n);

void shadow_reset(void) { }
void invlpg(uint32_t linear) { }
void print(const char *format, ...) { }

bool walk(uint32_t linear, unsigned access, struct translation *t)
{
	t->physical = any_u64;
	t->entry = any_u64;
	t->pde = any_u64;
	t->table = t->rights = any_u32;
	t->nx = any_bool();
	t->large = any_bool();
	return any_bool();
}

#include "mmu/frames.c"
#include "mmu/window.c"
#include "mmu/guestmem.c"
#include "mmu/watch.c"

/* Of ranges: all of it is checked. */
static void *copy(void *to, const void *from, size_t n)
{
	//@ assert from: \valid_read((const char *)from + (0 .. n - 1));
	any_bytes(to, n);
	return to;
}

#define memcpy copy
#include "mmu/open.c"
#undef memcpy

/* Any map of the BIOS's, and any ranges that devices decode. */
static void any_frames(void)
{
	static struct {
		uint32_t count;
		struct memory_entry entry[MAP_ENTRIES];
	} __attribute__((packed)) bios;
	static struct frame_range ranges[OPEN_RANGES];

	any_bytes(&bios, sizeof(bios));
	frames_ram((const struct memory_map *)&bios);
	//@ check map: map.count <= MAP_ENTRIES;
	any_bytes(map.range, sizeof(map.range));
	any_bytes(claimed, sizeof(claimed));
	any_bytes(mmu.open, sizeof(mmu.open));
	mmu.open_count = any_of(0, OPEN_RANGES);
	any_bytes(mmu.devices, sizeof(mmu.devices));
	any_bytes(ranges, sizeof(ranges));
	frames_open(ranges, any_of(0, OPEN_RANGES));
	//@ check open: mmu.open_count <= OPEN_RANGES;
	frames_claim_device(any_of(0, DEVICE_CLAIMS - 1), ranges[any_of(0, OPEN_RANGES - 1)]);
	frames_are_taken(ranges[any_of(0, OPEN_RANGES - 1)]);
}

void prove(void)
{
	static uint8_t buffer[64];
	struct frame f;
	uint32_t frame, *entry;

	any_machine();
	any_frames();
	frames_prepare(&host_vcpu);
	any_machine();
	frames_claim((enum frame_claim)any_of(0, CLAIMS - 1), any_u32);
	frame_is_closed(any_u32);
	frame_is_watched(any_u32);
	frames_are_plain(any_u32, any_of(0, ENTRIES));

	/* a frame of the last slot, whose page is the only one that is memory here */
	window(any_u32);
	frame = any_of(0, 0x3fffff) * WINDOW_COUNT + WINDOW_COUNT - 1;
	((uint8_t *)window_at(frame))[any_of(0, PAGE_SIZE - 1)] = 0;
	entry = guest_entry(frame, any_u32, 4);
	if (entry)
		entry[0] = 0;
	entry = guest_entry(frame, any_u32, 8);
	if (entry)
		entry[0] = entry[1] = 0;

	guest_read_code(any_u32, buffer, any_of(0, 15), any_u32);
	guest_read(any_u32, buffer, any_of(0, sizeof(buffer)), any_u32);
	guest_store(any_u32, buffer, any_of(0, 8), any_u32);

	watch_begin(any_of(0, WATCHES - 1), any_u32, any_of(0, 0x10000));
	//@ check pages: host_vcpu.watch[0].pages <= WATCH_PAGES && host_vcpu.watch[1].pages <= WATCH_PAGES;
	any_bytes(&f, sizeof(f));
	watch_called(&f, any_u32);
	watch_give_up();
	watch_end(any_of(0, WATCHES - 1));
}
