// SPDX-License-Identifier: GPL-2.0-only
/*
 * 64-bit division.  This is the only file that may call libgcc, and the Makefile
 * compiles it without -mregparm: arith64.h says why.
 */
#include "base/arith64.h"

ARITH64 uint64_t div64_32(uint64_t n, uint32_t d)
{
	return n / d;
}
