/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One generator for all tests: xorshift (Marsaglia, "Xorshift RNGs", 2003).
 */
#include "random.h"

static uint32_t state = 1;

void random_start(uint32_t seed)
{
	state = seed ? seed : 1;
}

uint32_t random_next(void)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

uint32_t random_below(uint32_t limit)
{
	return (random_next() >> 8) % limit;
}
