/* SPDX-License-Identifier: GPL-2.0-only */
/* Links: hypervisor/base/arith64.c */
/*
 * Multiplication in the place of division: never below the quotient, and above it
 * by no more than arith64.h says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arith64.h"

#include "random.h"

static void check(uint64_t n, uint32_t d)
{
	uint64_t exact = (uint64_t)((unsigned __int128)n * 65536 / d);
	uint64_t got = scale31(n, reciprocal31(d));

	assert_true(got >= exact);
	assert_true(got - exact <= (n >> 31) + 1);
}

/* Bits spread over all magnitudes. */
static uint64_t some_number(unsigned bits)
{
	return bits ? random64() >> (64 - bits) : 0;
}

static void scales(void **state)
{
	static const uint32_t edges[] = { 32769, 65535, 65536, 65537, 3u << 16, 0x7fffffff, 0xffffffff };
	unsigned i, bits;

	(void)state;
	for (i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		check(0, edges[i]);
		check(1, edges[i]);
		check((1ull << 40) - 1, edges[i]);
		for (bits = 1; bits <= 40; bits++)
			check(1ull << (bits - 1), edges[i]);
	}
	for (i = 0; i < 1000000; i++) {
		uint32_t d = 32769 + (uint32_t)some_number(17 + i % 15);

		check(some_number(i % 41), d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scales),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
