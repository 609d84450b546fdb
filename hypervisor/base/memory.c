// SPDX-License-Identifier: GPL-2.0-only
/*
 * memcpy() and memset(), which the compiler may call even in freestanding code, to
 * copy a structure for instance.  Small rather than fast: nothing here copies much.
 */
#include "base/base.h"

void *memcpy(void *to, const void *from, size_t n)
{
	void *d = to;

	__asm__ volatile("rep movsb" : "+D"(d), "+S"(from), "+c"(n) : : "memory");
	return to;
}

void *memset(void *to, int c, size_t n)
{
	void *d = to;

	__asm__ volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(c) : "memory");
	return to;
}
