/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers that look random, for the host tests: SplitMix64 (Steele, Lea and
 * Flood, "Fast Splittable Pseudorandom Number Generators", 2014).  Any seed is
 * good, and the same one gives the same numbers again.
 */
#ifndef HOST_RANDOM_H
#define HOST_RANDOM_H

#include <stdint.h>

static uint64_t random_state;

static inline void random_start(uint64_t seed)
{
	random_state = seed;
}

static inline uint64_t random64(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static inline uint32_t random32(void)
{
	return (uint32_t)(random64() >> 32);
}

/* From 0 to limit - 1. */
static inline uint32_t random_below(uint32_t limit)
{
	return random32() % limit;
}

#endif
