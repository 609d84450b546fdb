// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pages of the reserved block after the monitor's image.  They are handed out
 * at start-up, first for tables and stacks; all that is left becomes the shadow
 * pool (mmu/shadowpage.c).  Nothing is allocated or returned later, so no guest can
 * exhaust or fragment the pool.
 */
#include "base/base.h"

static uint32_t next, end;	/* linear addresses: what is free */

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
