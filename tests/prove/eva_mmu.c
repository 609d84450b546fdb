// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which frames are closed or watched, the windows, and guest memory by linear
 * address.  Of absolute addresses only the last window is memory here; copies are
 * stubs.
 *
 * Proves: frames.c, window.c, watch.c, guestmem.c, seen(): no run-time error for any frame and address
 * Options: -absolute-valid-range 0xfe3ff000-0xfe3fffff -eva-split-return-function seen:0
 */
#include "mmu.h"
#include "mmu/shadow.h"

/* That the guest's side of a copy lies below the hole is WP's subject (wp_memory.c). */
//@ assigns \result \from to;
uint32_t copy_fixup(void *to, const void *from, uint32_t n);

/* What is copied to a window stays in its page: bits.cc. */
//@ assigns \result \from to;
void *memcpy(void *to, const void *from, size_t n);

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

void prove(void)
{
	static uint8_t buffer[64];
	struct frame f;
	uint32_t frame, *entry;

	any_machine();
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
	entry = seen(frame, any_u32, 4);
	if (entry)
		entry[0] = 0;
	entry = seen(frame, any_u32, 8);
	if (entry)
		entry[0] = entry[1] = 0;

	guest_read(any_u32, buffer, any_of(0, sizeof(buffer)), any_u32);
	guest_store(any_u32, buffer, any_of(0, 8), any_u32);

	watch_begin(any_of(0, WATCHES - 1), any_u32, any_of(0, 0x10000));
	//@ check pages: host_vcpu.watch[0].pages <= WATCH_PAGES && host_vcpu.watch[1].pages <= WATCH_PAGES;
	any_bytes(&f, sizeof(f));
	watch_called(&f, any_u32);
	watch_give_up();
	watch_end(any_of(0, WATCHES - 1));
}
