// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pages of the reserved block behind the monitor's image: handed out once,
 * at start-up, for what every CPU needs; the rest is the shadow pool
 * (shadow.c).  Nothing is given back, so that no guest behaviour can exhaust
 * or fragment it.
 */
#include "base/base.h"

static uint32_t next, end;	/* linear */

void pool_init(uint32_t first, uint32_t last)
{
	next = (first + PAGE_SIZE - 1) & PAGE_MASK;
	end = last & PAGE_MASK;
}

void *pool_pages(unsigned count)
{
	void *p = (void *)next;

	BUG_ON(count > (end - next) / PAGE_SIZE);
	next += count * PAGE_SIZE;
	return memset(p, 0, count * PAGE_SIZE);
}

void *pool_page(void)
{
	return pool_pages(1);
}

unsigned pool_free_pages(void)
{
	return (end - next) / PAGE_SIZE;
}
