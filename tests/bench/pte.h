/* SPDX-License-Identifier: GPL-2.0-only */
/* Page-table updates in one go; see pte.c. */
#ifndef BENCH_PTE_H
#define BENCH_PTE_H

#include <stdbool.h>

/* A round: `count` live entries (at most 1024) changed, then one flush. */
void pte_batch(unsigned int count, bool defer);

#endif
