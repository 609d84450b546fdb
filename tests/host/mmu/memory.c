// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical memory: some frames of RAM, of which the monitor sees a page at the
 * address of a window, the monitor's block at its own address, and nothing else.
 * A 32-bit process has room for all of them where the monitor has them.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mmu/sim.h"

#define BLOCK_MOST	0x100000u
#define LOW_FRAMES	0x1000u		/* RAM is among so many frames of each region */
#define REGIONS_OF_RAM	3u

uint32_t ram_frame[RAM_FRAMES];
static uint8_t slots[REGIONS_OF_RAM][LOW_FRAMES];	/* plus one */
static const uint32_t region_start[REGIONS_OF_RAM] = { 0, HIGH, 0xfff000 };
static int memory, nothing;		/* files: RAM, and a page of ones */
static uint8_t *ram;
static uint64_t shown[WINDOW_COUNT];	/* the frame in each window, plus one */
static uint32_t block_size;

static void *map(uint32_t at, size_t size, int protection, int file, unsigned offset)
{
	int flags = (at ? MAP_FIXED : 0) | (file < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED);
	void *p = mmap((void *)at, size, protection, flags, file, (off_t)offset);

	CHECK(p != MAP_FAILED, "mmap at %x", at);
	return p;
}

static unsigned add_frames(unsigned n, uint32_t first, unsigned count)
{
	for (; count; count--)
		ram_frame[n++] = first++;
	return n;
}

/*
 * Tables: in a large page that is all the guest's, in the one that the monitor's
 * block is in, and above 4 GiB, where the low halves of addresses are those of
 * pages of the block, or windows those of other tables.  Then data, likewise.
 */
static void place_ram(void)
{
	unsigned n = 0, region;

	n = add_frames(n, 0x200, 12);
	n = add_frames(n, 0x8fc, 4);
	n = add_frames(n, HIGH + BLOCK_FRAME + 20, 4);
	n = add_frames(n, 0xfff000 + 0x200, 2);
	n = add_frames(n, 0x220, 2);
	n = add_frames(n, 0x224, 32);
	n = add_frames(n, 0x8e0, 24);
	n = add_frames(n, HIGH + 0x210, 8);
	n = add_frames(n, 0, 8);
	CHECK(n == RAM_FRAMES, "%u frames", n);
	for (n = 0; n < RAM_FRAMES; n++)
		for (region = 0; region < REGIONS_OF_RAM; region++)
			if (ram_frame[n] - region_start[region] < LOW_FRAMES)
				slots[region][ram_frame[n] - region_start[region]] = (uint8_t)(n + 1);
}

void memory_prepare(void)
{
	void *ones;

	place_ram();
	memory = memfd_create("ram", 0);
	nothing = memfd_create("nothing", 0);
	CHECK(memory >= 0 && nothing >= 0 && !ftruncate(memory, RAM_FRAMES * PAGE_SIZE) &&
	      !ftruncate(nothing, PAGE_SIZE), "memfd");
	ones = map(0, PAGE_SIZE, PROT_READ | PROT_WRITE, nothing, 0);
	memset(ones, 0xff, PAGE_SIZE);
	munmap(ones, PAGE_SIZE);
	ram = map(0, RAM_FRAMES * PAGE_SIZE, PROT_READ | PROT_WRITE, memory, 0);
	map(HOLE_BLOCK, BLOCK_MOST, PROT_READ | PROT_WRITE, -1, 0);
	map(HOLE_WINDOWS, WINDOW_COUNT * PAGE_SIZE, PROT_NONE, -1, 0);
	map(HOLE_QUEUE, PAGE_SIZE, PROT_READ | PROT_WRITE, -1, 0);
}

void memory_clear(uint32_t size)
{
	CHECK(size <= BLOCK_MOST, "the block is too large");
	memset(ram, 0, RAM_FRAMES * PAGE_SIZE);
	memset((void *)HOLE_BLOCK, 0, size);
	block_size = size;
}

unsigned ram_slot(uint64_t frame)
{
	unsigned region;

	for (region = 0; region < REGIONS_OF_RAM; region++)
		if (frame - region_start[region] < LOW_FRAMES)
			return slots[region][frame - region_start[region]] - 1u;
	return NO_SLOT;
}

uint64_t *ram_at(uint64_t frame)
{
	unsigned slot = ram_slot(frame);

	return slot == NO_SLOT ? NULL : (uint64_t *)(ram + slot * PAGE_SIZE);
}

const uint64_t *block_at(uint64_t physical)
{
	if (physical - BLOCK >= block_size)
		fail("the processor walks %llx, which is not the monitor's", physical);
	return (const uint64_t *)(uintptr_t)(HOLE_BLOCK + (uint32_t)(physical - BLOCK));
}

void memory_show_window(uint32_t linear)
{
	unsigned window = (linear - HOLE_WINDOWS) / PAGE_SIZE, slot;
	uint64_t entry = this_vcpu()->window_pt[window / ENTRIES][window % ENTRIES];
	uint64_t frame = (entry & PTE_FRAME) >> 12;

	CHECK((entry & PTE_P) && !oracle_closed(frame), "a window on frame %llx", frame);
	if (shown[window] == frame + 1)
		return;
	shown[window] = frame + 1;
	slot = ram_slot(frame);
	if (slot == NO_SLOT)
		map(linear, PAGE_SIZE, PROT_READ, nothing, 0);
	else
		map(linear, PAGE_SIZE, PROT_READ | PROT_WRITE, memory, slot * PAGE_SIZE);
}
