/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How evenly events come: the shortest and the longest time between two.
 */
#ifndef RUNTIME_GAPS_H
#define RUNTIME_GAPS_H

#include <stdint.h>

/* All zero before the first event; closest counts from the second on. */
struct gaps {
	uint64_t last, closest, farthest;
	uint32_t events;
};

static inline void gaps_note(struct gaps *gaps, uint64_t now)
{
	uint64_t gap = now - gaps->last;

	if (gaps->events == 1 || (gaps->events && gap < gaps->closest))
		gaps->closest = gap;
	if (gaps->events && gap > gaps->farthest)
		gaps->farthest = gap;
	gaps->last = now;
	gaps->events++;
}

#endif
