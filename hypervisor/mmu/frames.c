// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which page frames are not simply mapped for the guest.  Closed frames are not mapped at
 * all: the monitor's memory, models, and all that is neither RAM nor device memory that
 * is known to be harmless.  Watched frames (watch.c) and ROMs are mapped read-only.  All
 * others are plain.
 */
#include "mmu/shadow.h"

#define FOUR_GIB	0x100000u	/* in frames */
#define MAP_ENTRIES	32u

/* E820h's types */
#define TYPE_RAM	1u
#define TYPE_RESERVED	2u
#define TYPE_ACPI	3u
#define TYPE_NVS	4u

/* The BIOS's map in whole frames, and which of its entries are RAM. */
CONST_AFTER_START static struct {
	struct frame_range range[MAP_ENTRIES];
	bool is_ram[MAP_ENTRIES];
	unsigned count;
	uint32_t low_end;	/* the end of RAM below 4 GiB */
} map;

struct mmu mmu;

/* By claim.  CLAIM_GUEST_APIC is not kept here, as each vCPU has its own: apic_frame. */
CONST_AFTER_START static uint32_t claimed[CLAIMS];

static uint32_t lower(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Where the RAM that begins at 1 MiB has its first gap. */
static uint32_t first_gap(void)
{
	uint32_t end = MEGABYTE_FRAMES;
	unsigned i, again;

	for (again = 0; again < map.count; again++)
		for (i = 0; i < map.count; i++)
			if (map.is_ram[i] && range_has(map.range[i], end))
				end = map.range[i].first + map.range[i].count;
	return end;
}

/* Most frames are RAM below every closed frame, and are recognised by one comparison. */
static void find_first(struct vcpu *v)
{
	uint32_t first = lower(lower(boot.block / PAGE_SIZE, first_gap()), v->apic_frame);
	unsigned i;

	for (i = 0; i < CLAIMS; i++)
		first = lower(first, claimed[i]);
	v->first_closed = first;
	v->plain_frames = first > MEGABYTE_FRAMES ? first - MEGABYTE_FRAMES : 0;
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
	close_windows(frame, 1);
	if (claim == CLAIM_GUEST_APIC)
		this_vcpu()->apic_frame = frame;
	else
		claimed[claim] = frame;
	find_first(this_vcpu());
}

/* What is below 1 MiB is always open: RAM, VGA, and ROMs. */
static bool is_ram(uint32_t frame)
{
	unsigned i;

	for (i = 0; i < map.count; i++)
		if (map.is_ram[i] && range_has(map.range[i], frame))
			return true;
	return frame < MEGABYTE_FRAMES;
}

static bool is_device(uint32_t frame)
{
	unsigned i;

	for (i = 0; i < mmu.open_count; i++)
		if (range_has(mmu.open[i], frame))
			return true;
	return false;
}

bool frame_is_ours(uint32_t frame)
{
	unsigned i;

	if (frame_is_monitor(frame) || frame == this_vcpu()->apic_frame)
		return true;
	for (i = 0; i < CLAIMS; i++)
		if (claimed[i] == frame)
			return true;
	return !is_ram(frame) && !is_device(frame);
}

bool frame_is_claimed(uint32_t frame)
{
	unsigned i;

	for (i = 0; i < DEVICE_CLAIMS; i++)
		if (range_has(mmu.devices[i], frame))
			return true;
	return frame_is_ours(frame);
}

bool frames_are_taken(struct frame_range r)
{
	unsigned i;

	for (i = 0; i < map.count; i++)
		if (r.first - map.range[i].first < map.range[i].count ||
		    map.range[i].first - r.first < r.count)
			return true;
	return r.first < map.low_end;
}

bool frame_is_special(uint32_t frame)
{
	return frame_is_rom(frame) || frame_is_closed(frame);
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

/* RAM from 16 MiB on as the BIOS has noted it in CMOS, in units of 64 KiB. */
#define CMOS_MEMORY	0x34u
#define CMOS_UNITS	16u
static uint32_t cmos_end(void)
{
	uint32_t units;

	outb(PORT_CMOS_INDEX, CMOS_MEMORY);
	units = inb(PORT_CMOS_DATA);
	outb(PORT_CMOS_INDEX, CMOS_MEMORY + 1);
	units |= (uint32_t)inb(PORT_CMOS_DATA) << 8;
	return 0x1000u + units * CMOS_UNITS;
}

/*
 * Reserved memory is RAM, as the BIOS's tables at its top are, if RAM lies above it or
 * just below it, up to what CMOS says.  Else it is the chipset's or a flash ROM's.
 */
static void judge_reserved(const struct memory_entry *e, unsigned i)
{
	uint32_t first = map.range[i].first, end = first + map.range[i].count;

	if (e->type != TYPE_RESERVED || first >= FOUR_GIB || first > map.low_end)
		return;
	if (end > map.low_end) {
		if (end > cmos_end())
			return;
		map.low_end = end;
	}
	map.is_ram[i] = true;
}

/* Whole frames: one that an entry has a part of is its own. */
static void add_entry(const struct memory_entry *e, unsigned i)
{
	bool ram = e->type == TYPE_RAM || e->type == TYPE_ACPI || e->type == TYPE_NVS;
	uint32_t first = (uint32_t)(e->base >> 12);
	uint32_t end = (uint32_t)((e->base + e->length + PAGE_SIZE - 1) >> 12);

	map.range[i] = (struct frame_range){ first, end - first };
	map.is_ram[i] = ram;
	if (ram && first < FOUR_GIB && end > map.low_end)
		map.low_end = end;
}

void frames_ram(const struct memory_map *from)
{
	unsigned i, again;

	map.count = from->count < MAP_ENTRIES ? from->count : MAP_ENTRIES;
	for (i = 0; i < map.count; i++)
		add_entry(&from->entry[i], i);
	for (again = 0; again < map.count; again++)
		for (i = 0; i < map.count; i++)
			judge_reserved(&from->entry[i], i);
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
