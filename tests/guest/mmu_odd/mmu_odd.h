/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Odd uses of page tables that a monitor could come to grief over.
 */
#ifndef MMU_ODD_H
#define MMU_ODD_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime.h"

#include "vmi.h"

#define AREA		0x50000000u
#define FLAGS		(PTE_PRESENT | PTE_WRITE)
#define PTE_NO_CACHE	0x10u
#define LARGE_FRAME	0x02000000u	/* beyond what is allocated */

/* mmu_odd.c: entries of either size, by address and index */
extern bool pae;
uint64_t odd_read(uint32_t table, unsigned int index);
void odd_store(uint32_t table, unsigned int index, uint64_t entry);	/* without a call */
void odd_set(uint32_t table, unsigned int index, uint64_t entry);
uint32_t odd_directory(uint32_t root, uint32_t linear);
unsigned int odd_index(uint32_t linear);	/* in the directory */
uint32_t odd_page(uint32_t value);		/* a page that begins with it */
uint32_t odd_word(uint32_t linear);		/* ffffffffh: it faults */
uint32_t odd_statistic(const char *name);	/* of the monitor's; 0 natively */

/* many.c, shared.c, large.c, misaligned.c, deferred.c, device.c */
void test_many(void);
void test_shared(void);
void test_large(void);
void test_misaligned(void);
void test_device(void);
void test_deferred(void);

#endif
