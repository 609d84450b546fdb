// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the drivers for Eva take for granted about single bits, tried with all of them.
 *
 * Proves: pic.c rotates a set that is not empty into one that is not; apic.c's words say which words are 0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Both files have functions of these names. */
#define highest highest_vector
#define end_of_interrupt end_of_vector
#include "model/apic.c"
#undef highest
#undef end_of_interrupt
#include "model/pic.c"

static unsigned long goals;

static void verify(int holds, const char *what, unsigned a, unsigned b)
{
	goals++;
	if (holds)
		return;
	printf("not so: %s, for %u and %u\n", what, a, b);
	exit(1);
}

uint64_t div64_32(uint64_t n, uint32_t d)
{
	return n / d;
}

static void rotations(void)
{
	unsigned bits, count;

	for (bits = 0; bits <= 0xff; bits++)
		for (count = 0; count <= 8; count++) {
			unsigned rotated = rotate_right(bits, count);

			verify(rotated <= 0xff, "a byte", bits, count);
			verify(!bits == !rotated, "none only of none", bits, count);
			verify(rotate_right(rotated, 8 - count) == bits, "and back", bits, count);
		}
}

static int agree(const uint32_t *bits, unsigned words)
{
	unsigned i;

	for (i = 0; i < 8; i++)
		if (!bits[i] != !(words >> i & 1))
			return 0;
	return words <= 0xff;
}

/*
 * The words that are not 0 in all combinations; in that of the vector each other bit,
 * or all of them; the vector's own there or not.
 */
static void vectors(void)
{
	unsigned vector, set, other, own, i;
	uint32_t bits[8], before[8];
	uint8_t words;

	for (vector = 0; vector < 256; vector++)
		for (set = 0; set < 256; set++)
			for (other = 0; other <= 33; other++)
				for (own = 0; own < 2; own++) {
					uint32_t bit = 1u << vector % 32, rest;

					rest = other < 32 ? 1u << other : other == 32 ? 0xffffffff : 0;
					for (i = 0; i < 8; i++)
						before[i] = set >> i & 1 ? 0x80000001u << i : 0;
					before[vector / 32] = (rest & ~bit) | (own ? bit : 0);
					for (words = 0, i = 0; i < 8; i++)
						words |= (uint8_t)(!!before[i] << i);

					memcpy(bits, before, sizeof(bits));
					set_bit(bits, &words, vector);
					verify(agree(bits, words), "set_bit() keeps the words", vector, set);
					verify(bits[vector / 32] == (before[vector / 32] | bit), "it sets", vector, set);
					verify(highest_vector(bits, words) >= (int)vector, "the highest", vector, set);
					clear_bit(bits, &words, vector);
					verify(agree(bits, words), "clear_bit() keeps the words", vector, set);
					verify(bits[vector / 32] == (before[vector / 32] & ~bit), "it clears", vector, set);
				}
}

int main(void)
{
	rotations();
	vectors();
	printf("%lu goals, 0 not proven\n", goals);
	return 0;
}
