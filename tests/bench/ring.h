/* SPDX-License-Identifier: GPL-2.0-only */
/* Measuring in ring 3; see ring.c. */
#ifndef BENCH_RING_H
#define BENCH_RING_H

#include <stdint.h>

/* Ticks that a task of tasks_user.asm counts for `rounds`. */
uint64_t ring_task(const void *task, uint32_t rounds, uint32_t argument);

/* A task's operation as one benchmark's round. */
void ring_measure(const void *task, uint32_t argument, int32_t extra);

/* Before the first measurement. */
void ring_first_iret(void);

#endif
