// SPDX-License-Identifier: GPL-2.0-only
/*
 * A store or a read of up to 8 bytes, at any address and over two pages.  What goes through
 * windows is copied byte by byte here, so that each of them is checked.
 *
 * Proves: guest_store(), guest_read(): no byte beyond the page or the buffer
 * Options: -eva-slevel 200 -eva-min-loop-unroll 10
 */
#include "mmu.h"

static uint8_t page[PAGE_SIZE];

static void *any_window(uint32_t frame)
{
	return any_bool() ? page : NULL;
}

uint32_t copy_fixup(void *to, const void *from, uint32_t n)
{
	return any_of(0, n);
}

/* Byte by byte, so that each of them is checked. */
static void *copy(void *to, const void *from, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
	return to;
}

static void *set(void *to, int value, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		((uint8_t *)to)[i] = (uint8_t)value;
	return to;
}

bool walk(uint32_t linear, unsigned access, struct translation *t)
{
	t->physical = any_u64;
	return any_bool();
}

bool frame_is_in_watch(uint32_t frame)
{
	return any_bool();
}

#define window any_window
#define memcpy copy
#define memset set
#include "mmu/guestmem.c"
#undef memset
#undef memcpy
#undef window

/*
 * Pages differ in nothing but their number: the first and the last one stand for all,
 * but where an access goes on in the next one.
 */
void prove(void)
{
	uint8_t buffer[8];
	uint32_t offset, size;

	any_machine();
	any_bytes(buffer, sizeof(buffer));
	for (size = 0; size <= 8; size++) {
		/* the last bytes of the array: one more is beyond it */
		uint8_t *from = buffer + 8 - size;

		guest_store(any_of(0, PAGE_SIZE - 8), from, size, any_u32);
		guest_store(HOLE_BASE - PAGE_SIZE + any_of(0, PAGE_SIZE - 8), from, size, any_u32);
		for (offset = PAGE_SIZE - 7; offset < PAGE_SIZE; offset++)
			guest_store(any_of(0, 0xfffff) * PAGE_SIZE + offset, from, size, any_u32);
		guest_read(any_of(0, PAGE_SIZE - 8), from, size, any_u32);
		guest_read(HOLE_BASE - PAGE_SIZE + any_of(0, PAGE_SIZE - 8), from, size, any_u32);
		for (offset = PAGE_SIZE - 7; offset < PAGE_SIZE; offset++)
			guest_read(any_of(0, 0xfffff) * PAGE_SIZE + offset, from, size, any_u32);
	}
}
