/* SPDX-License-Identifier: GPL-2.0-only */
/* Links: hypervisor/model/descriptor.c */
/*
 * What a guest's descriptor becomes: for random ones, and all corners of base
 * and limit, no byte of the monitor's can be reached, and what the guest may
 * reach elsewhere stays reachable.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "model/descriptor.h"
#include "base/hole.h"

#include "random.h"

#define ROUNDS	2000000

#define FOUR_GIB	0x100000000ull
#define ACCESSED	0x00000100u
#define DOWN		0x00000400u
#define CODE		0x00000800u
#define S		0x00001000u
#define P		0x00008000u
#define L		0x00200000u
#define B		0x00400000u
#define G		0x00800000u
#define DPL(d)		((d).high >> 13 & 3)

static struct descriptor make(uint32_t base, uint32_t limit, uint32_t high)
{
	struct descriptor d = {
		.low = base << 16 | (limit & 0xffff),
		.high = (high & 0x00f0ff00u) | (base & 0xff000000u) | (base >> 16 & 0xff) | (limit & 0xf0000),
	};

	return d;
}

/* The offsets [first, end) that a descriptor lets through (SDM volume 3, 5.3). */
static void offsets(struct descriptor d, uint64_t *first, uint64_t *end)
{
	uint32_t raw = (d.low & 0xffff) | (d.high & 0xf0000);
	uint64_t limit = d.high & G ? (uint64_t)raw << 12 | 0xfff : raw;

	*first = 0;
	*end = limit + 1;
	if ((d.high & (CODE | DOWN)) == DOWN) {
		*first = limit + 1;
		*end = d.high & B ? FOUR_GIB : 0x10000;
		if (*end < *first)
			*end = *first;
	}
	if (!(d.high & P) || !(d.high & S))
		*end = *first;
}

static uint32_t base_of(struct descriptor d)
{
	return d.low >> 16 | (d.high & 0xff) << 16 | (d.high & 0xff000000u);
}

/* May the linear byte be reached? */
static int reaches(struct descriptor d, uint32_t linear)
{
	uint64_t first, end;
	uint32_t offset = linear - base_of(d);

	offsets(d, &first, &end);
	return offset >= first && offset < end;
}

/* No byte in [HOLE_GUEST_END, 4 GiB): its intervals of offsets are at most two. */
static int reaches_monitor(struct descriptor d)
{
	uint64_t first, end, from, to;
	uint32_t base = base_of(d);

	offsets(d, &first, &end);
	if (first == end)
		return 0;
	from = (base + first) % FOUR_GIB;
	to = from + (end - first);
	return to > HOLE_GUEST_END;
}

static void check_form(struct descriptor d, struct descriptor shadow)
{
	if (!(d.high & S)) {
		assert_int_equal(shadow.low, 0);
		assert_int_equal(shadow.high, 0);
		return;
	}
	assert_true(shadow.high & S);
	assert_true(shadow.high & ACCESSED);
	assert_false(shadow.high & L);
	assert_int_equal(DPL(shadow), DPL(d) == 3 ? 3 : 1);
	assert_int_equal(base_of(shadow), base_of(d));
	assert_int_equal(shadow.high & (CODE | B), d.high & (CODE | B));
}

static void check_paged(struct descriptor d)
{
	struct descriptor shadow = segment_sanitize(d, PROTECT_PAGED);
	uint64_t first[2], end[2];

	check_form(d, shadow);
	if (!(d.high & S))
		return;
	offsets(d, &first[0], &end[0]);
	offsets(shadow, &first[1], &end[1]);
	assert_true(first[0] == first[1] && end[0] == end[1]);
}

/* Where they are not the monitor's, both agree about @linear; but a page may be lost. */
static void check_point(struct descriptor d, struct descriptor shadow, uint32_t linear)
{
	if (linear < HOLE_GUEST_END - PAGE_SIZE && linear >= base_of(d) && reaches(d, linear) &&
	    base_of(d) < HOLE_GUEST_END)
		assert_true(reaches(shadow, linear));
}

static void check_segment(struct descriptor d)
{
	struct descriptor shadow = segment_sanitize(d, PROTECT_SEGMENT), lower;
	uint32_t base = base_of(d);

	check_form(d, shadow);
	assert_false(reaches_monitor(shadow));
	if (!(d.high & P))
		assert_false(shadow.high & P);
	if (!reaches_monitor(d) && (d.high & S)) {
		assert_int_equal(shadow.low, d.low);
		assert_int_equal(shadow.high | 0x6000, (d.high & ~L) | ACCESSED | 0x6000);
	}
	if ((d.high & (CODE | DOWN)) != DOWN || (d.high & B)) {
		check_point(d, shadow, base);
		check_point(d, shadow, HOLE_GUEST_END - PAGE_SIZE - 1);
		check_point(d, shadow, base + (HOLE_GUEST_END - base) / 2);
	}
	if (!descriptor_wraps(d))
		return;
	lower = descriptor_lower(d);
	check_form(d, lower);
	assert_false(reaches_monitor(lower));
	assert_true(reaches(lower, base - 1) || base < PAGE_SIZE);
	assert_true(reaches(lower, PAGE_SIZE) || base <= PAGE_SIZE);
	assert_true(reaches(shadow, base) || base > HOLE_GUEST_END - PAGE_SIZE);
}

static const uint32_t corners[] = {
	0, 1, 0xfff, 0x1000, 0xffff, 0x10000, 0xfffff, 0x100000, 0x7fffffff, 0x80000000u,
	HOLE_BASE - 1, HOLE_BASE, HOLE_GUEST_END - PAGE_SIZE, HOLE_GUEST_END - 1, HOLE_GUEST_END,
	HOLE_GUEST_END + 1, HOLE_BLOCK, 0xffff0000u, 0xfffff000u, 0xffffffffu,
};
#define CORNERS	(sizeof(corners) / sizeof(corners[0]))

static void test_random(void **state)
{
	unsigned i;

	(void)state;
	random_start(1);
	for (i = 0; i < ROUNDS; i++) {
		struct descriptor d = { random32(), random32() };

		if (i & 1)
			d = make(corners[random32() % CORNERS] + random32() % 3 - 1, d.low, d.high | P | S);
		if (i & 2)
			d = make(base_of(d), 0xfffff - random32() % 0x10000, d.high);
		check_paged(d);
		check_segment(d);
	}
}

/* Every type and granularity, with bases and limits around what matters. */
static void test_corners(void **state)
{
	uint32_t type, base, limit;

	(void)state;
	for (type = 0; type < 256; type++)
		for (base = 0; base < CORNERS; base++)
			for (limit = 0; limit < CORNERS; limit++) {
				uint32_t high = (type & 0x1f) << 8 | 3u << 13 | P |
						(type & 0x20 ? B : 0) | (type & 0x40 ? G : 0);
				struct descriptor d = make(corners[base], corners[limit] >> 12, high);

				check_segment(d);
				check_segment(make(corners[base], (corners[limit] - corners[base]) >> 12, high));
				check_segment(make(corners[base], corners[limit] - corners[base], high));
				check_paged(d);
			}
}

/* What glibc loads: 4 GiB at the thread's block. */
static void test_thread(void **state)
{
	struct descriptor d = make(0x40015a80, 0xfffff, S | P | 0x6300 | B | G);
	struct descriptor upper = segment_sanitize(d, PROTECT_SEGMENT);
	struct descriptor lower = descriptor_lower(d);

	(void)state;
	assert_true(descriptor_wraps(d));
	assert_true(reaches(upper, 0x40015a80) && !reaches(upper, 0x40015a7f));
	assert_true(reaches(lower, 0x40015a7f) && !reaches(lower, 0x40015a80));
	assert_true(descriptor_is_down(lower) && !descriptor_is_down(upper));
	assert_false(descriptor_wraps(make(0, 0xfffff, S | P | 0x6300 | B | G)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_thread),
		cmocka_unit_test(test_corners),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
