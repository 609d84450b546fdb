/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What processes do in ring 3.
 */
#include "process.h"

#include "demo.h"

void process_user(void);

void process_user(void)
{
	uint32_t what, number, sum = 0, i;

	__asm__ volatile("" : "=b" (what), "=c" (number));
	for (i = 0; i < PROCESS_PAGES; i++) {
		volatile uint32_t *word = (volatile uint32_t *)(PROCESS_START + i * PAGE_SIZE);

		if (what == PROCESS_FILL || (what == PROCESS_CHANGE && i % 2))
			*word = number;
		if (what == PROCESS_SUM)
			sum += *word;
	}
	__asm__ volatile("int %0" : : "i" (TRAP_USER_EXIT), "a" (sum));
	__builtin_unreachable();
}
