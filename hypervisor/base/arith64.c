// SPDX-License-Identifier: GPL-2.0-only
/* The only file that may call libgcc: see arith64.h. */
#include "base/arith64.h"

ARITH64 uint64_t div64_32(uint64_t n, uint32_t d)
{
	return n / d;
}
