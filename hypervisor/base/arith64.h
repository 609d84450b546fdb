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

/*
 * What is divided by often is multiplied with: reciprocal31(d) is 2^31 times the
 * inverse of @d / 65536, rounded up; scale31() multiplies with that, exactly or up
 * to n / 2^31 + 1 too large.  @d is over 32768, @n below 2^40.
 */
static inline uint32_t reciprocal31(uint32_t d)
{
	return (uint32_t)(div64_32(1ull << 47, d) + 1);
}

static inline uint64_t scale31(uint64_t n, uint32_t factor)
{
	return ((n & 0xffffffffu) * factor >> 31) + ((n >> 32) * factor << 1);
}

#endif
