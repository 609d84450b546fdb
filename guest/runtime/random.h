/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers that look random and that a seed repeats.
 */
#ifndef RUNTIME_RANDOM_H
#define RUNTIME_RANDOM_H

#include <stdint.h>

/* Begins a sequence; a seed of 0 is taken for 1, since 0 would never leave 0. */
void random_start(uint32_t seed);

uint32_t random_next(void);

/* From 0 to limit - 1. */
uint32_t random_below(uint32_t limit);

#endif
