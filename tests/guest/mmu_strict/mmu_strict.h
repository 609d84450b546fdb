/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the manual says of page tables and QEMU's TCG does not do.
 */
#ifndef MMU_STRICT_H
#define MMU_STRICT_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime.h"

#include "vmi.h"

#define AREA		0x50000000u	/* in the second GiB */
#define PLACES		128		/* pages there, none of them touched twice */
#define ERROR_RESERVED	0x08u
#define ERROR_FETCH	0x10u

/* mmu_strict.c: the error code of an access's page fault, or one of these */
#define NO_ERROR	0xffffffffu
#define OTHER_FAULT	0xfffffffeu

enum access { KERNEL_READ, KERNEL_WRITE, USER_READ, USER_WRITE, USER_FETCH };

extern bool pae;
uint32_t error_of(enum access kind, uint32_t linear);
bool has_nx(void);
void set_nxe(bool on);

/* pointers.c, errors.c */
void test_pointers(void);
void test_errors(void);

#endif
