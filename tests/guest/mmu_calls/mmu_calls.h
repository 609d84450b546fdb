/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the MMU's calls promise beyond what the random walk shows.
 */
#ifndef MMU_CALLS_H
#define MMU_CALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime.h"

#include "statistic.h"
#include "vmi.h"

#define AREA	0x50000000u

/* mmu_calls.c */
extern bool pae;
void set_entry(void *at, uint64_t value);
void *entry_at(uint32_t table, unsigned int index);
uint32_t read_word(uint32_t address, uint32_t otherwise);

/* announce.c, input.c, spaces.c, queue.c */
void test_announce(void);
void test_input(void);
void test_spaces(void);
void test_queue(void);

#endif
