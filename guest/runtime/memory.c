/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page-frame allocator: never-used frames from the end of the image up,
 * given-back ones first.
 */
#include "memory.h"

#include "platform.h"
#include "string.h"

#define MEMORY_START	0x100000u

/* The first word of a frame that was given back is the next such frame. */
static uint32_t free_list;
static uint32_t free_count;
static uint32_t next_frame, end_frame;

void memory_init(uint32_t upper_bytes)
{
	next_frame = ((uint32_t)image_end + PAGE_SIZE - 1) & -PAGE_SIZE;
	if (upper_bytes > MEMORY_MAPPED - MEMORY_START)
		upper_bytes = MEMORY_MAPPED - MEMORY_START;
	end_frame = (MEMORY_START + upper_bytes) & -PAGE_SIZE;
	if (end_frame < next_frame)
		end_frame = next_frame;
}

uint32_t memory_pages_left(void)
{
	return (end_frame - next_frame) / PAGE_SIZE + free_count;
}

uint32_t memory_allocate_page(void)
{
	uint32_t frame;

	if (free_list) {
		frame = free_list;
		free_list = *(uint32_t *)frame;
		free_count--;
	} else if (next_frame < end_frame) {
		frame = next_frame;
		next_frame += PAGE_SIZE;
	} else {
		platform_fail("out of page frames");
	}
	memset((void *)frame, 0, PAGE_SIZE);
	return frame;
}

void memory_free_page(uint32_t frame)
{
	*(uint32_t *)frame = free_list;
	free_list = frame;
	free_count++;
}
