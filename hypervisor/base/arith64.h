/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 64-bit division, and multiplication by a reciprocal in its place.  The compiler
 * leaves 64-bit division to libgcc, whose functions take their arguments on the
 * stack, while the monitor is compiled with -mregparm=3.  So only arith64.c, which
 * is compiled without that option, may divide 64-bit numbers; it is called with
 * its arguments in registers all the same (ARITH64).
 */
#ifndef VMI_ARITH64_H
#define VMI_ARITH64_H

#include <stdint.h>

#ifdef __i386__
#define ARITH64 __attribute__((regparm(3)))
#else
#define ARITH64				/* a host test: its own convention */
#endif

/* @n / @d, rounded down. */
ARITH64 uint64_t div64_32(uint64_t n, uint32_t d);

/*
 * Division by a constant of the machine, such as a clock's rate, as a
 * multiplication.  reciprocal31() returns 2^31 * 65536 / @d, rounded up, and
 * scale31(@n, that) is @n * 65536 / @d: exact, or too large by at most
 * @n / 2^31 + 1.  @d must be over 32768 and @n below 2^40.
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
