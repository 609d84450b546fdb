/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables of random content, at all levels at once, with stale translations:
 * none of them leads to memory of the monitor's.
 *
 * Every page that an entry may rightly lead to ends with a word that begins with
 * MARK, tables too, where it is no present entry.  The monitor's pages show ones.
 * So whatever can be read at a page's end is one of the two.
 */
#ifndef MMU_HOLE_H
#define MMU_HOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime.h"

#include "random.h"
#include "vmi.h"

#include "base/hole.h"

#define MARK		0x5aa50000u
#define MARK_BITS	0xffff0000u
#define PAGE_END	(PAGE_SIZE - 4)
#define MARKED_FIRST	0x02000000u	/* memory from here on is marked */
#define RAM_END		0x04000000u
#define TABLES		12
#define ROOTS		3
#define KERNEL_END	MARKED_FIRST	/* the kernel needs its own addresses below */

extern bool pae;
extern uint32_t monitor_first, monitor_end;

/* tables.c */
extern uint32_t tables[TABLES], roots[ROOTS];
void tables_build(void);
void tables_change(void);	/* some entries, by whatever means, flushed or not */
void tables_switch(void);	/* modes, address spaces, announcements */
uint32_t tables_address(void);	/* of a page's end, anywhere below the hole */

#endif
