/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 64-bit division.  libgcc does it, and knows no -mregparm: only arith64.c,
 * which is compiled without, may need libgcc.
 */
#ifndef VMI_ARITH64_H
#define VMI_ARITH64_H

#include <stdint.h>

#ifdef __i386__
#define ARITH64 __attribute__((regparm(3)))
#else
#define ARITH64				/* a host test */
#endif

ARITH64 uint64_t div64_32(uint64_t n, uint32_t d);

#endif
