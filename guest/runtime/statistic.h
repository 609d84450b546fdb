/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How often the monitor was entered, by cause: CPUID leaves 40000010h and on
 * (docs/abi.md).
 */
#ifndef RUNTIME_STATISTIC_H
#define RUNTIME_STATISTIC_H

#include <stdbool.h>
#include <stdint.h>

struct statistic {
	uint32_t count;
	char name[13];		/* of the cause */
};

/* The one of number `index`; false behind the last, and natively. */
bool statistic_at(uint32_t index, struct statistic *statistic);

/* The count of a cause; 0 natively.  A name that there is not ends the run. */
uint32_t statistic(const char *name);

#endif
