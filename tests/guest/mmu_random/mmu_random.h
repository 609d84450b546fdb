/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A random walk of page-table operations and accesses.  Everything that the
 * guest can see goes into a digest, which must be the same natively and under
 * the monitor (tests/test_mmu.py compares).
 *
 * The arena is one GiB's worth of addresses with a few entries in use: SLOTS
 * directory entries in each of ROOTS address spaces, TABLES page tables that
 * they share, PAGES entries in each.
 */
#ifndef MMU_RANDOM_H
#define MMU_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime.h"

#include "random.h"

#define ARENA		0x50000000u
#define ROOTS		3
#define SLOTS		4		/* the last one only for reading: it may be self-mapped */
#define TABLES		3
#define PAGES		3
#define FRAMES		6
#define LARGE_FRAME	0x02000000u	/* two large frames, beyond what is allocated */

/* arena.c */
extern uint32_t roots[ROOTS], tables[TABLES], frames[FRAMES];
extern unsigned int current_root;
extern bool pae;

void arena_init(void);
void *arena_pde(unsigned int root, unsigned int slot);
void *arena_pte(unsigned int table, unsigned int page);
uint32_t arena_address(unsigned int slot, unsigned int page);
uint64_t arena_entry(const void *at);
uint32_t arena_hash(void);	/* of all entries */

/*
 * Natively Bochs sets accessed in a directory only if the whole walk succeeds, and
 * keeps global pages at a load of CR3: under `bochs` on the command line the one
 * is not looked at, and the other flushed.
 */
bool arena_on_bochs(void);

/* changes.c: one change, flushed */
uint32_t change_random(void);
void change_reset(void);

/* accesses.c: one access; what became of it */
uint32_t access_random(void);
void access_init(void);

/* mmu_random.c */
uint32_t digest_add(uint32_t digest, uint32_t word);
extern bool verbose;

#endif
