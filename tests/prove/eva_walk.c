// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any tables, which change while they are walked, any registers: a walk stays within
 * the page that it has a window on.
 *
 * Proves: walk.c: no run-time error for any tables, nothing touched beyond the page
 */
#include "mmu.h"

static uint8_t page[PAGE_SIZE] __attribute__((aligned(4096)));

static void *any_window(uint32_t frame)
{
	any_bytes(page, sizeof(page));
	return any_bool() ? page : NULL;
}

#define window any_window
#include "mmu/walk.c"
#undef window

void prove(void)
{
	struct translation t;
	uint64_t pdpte[GIBS];

	any_machine();
	walk_prepare();
	lax_pdpte = any_u32;
	walk(any_u32, any_u32, &t);
	walk_pdptes(any_u32, pdpte);
	walk_reserved();
}
