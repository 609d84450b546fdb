/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers that look random, for the host tests: SplitMix64 (Steele, Lea and
 * Flood, "Fast Splittable Pseudorandom Number Generators", 2014).  Any seed is
 * good, and the same one gives the same numbers again.
 *
 * In a fuzzer (fuzz.c) libFuzzer chooses instead, until its input ends.
 */
#ifndef HOST_RANDOM_H
#define HOST_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

#ifdef FUZZ_TEST
#include <stddef.h>
#include <string.h>

static const uint8_t *random_input;
static size_t random_left;

static inline void random_start(uint64_t seed)
{
	(void)seed;
}

static inline bool random_more(void)
{
	return random_left;
}

static inline uint64_t random64(void)
{
	size_t size = random_left < 4 ? random_left : 4;
	uint32_t number = 0;

	if (size)
		memcpy(&number, random_input, size);
	random_input += size;
	random_left -= size;
	return (uint64_t)number << 32 | number;
}
#else
static uint64_t random_state;

static inline void random_start(uint64_t seed)
{
	random_state = seed;
}

static inline bool random_more(void)
{
	return true;
}

static inline uint64_t random64(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

#endif

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
