/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory and string functions.  They are written so that no compiler turns
 * them into calls of themselves.
 */
#include "string.h"

#include <stdint.h>

void *memcpy(void *to, const void *from, size_t size)
{
	void *start = to;

	__asm__ volatile("cld; rep movsb"
			 : "+D" (to), "+S" (from), "+c" (size)
			 : : "memory", "cc");
	return start;
}

void *memmove(void *to, const void *from, size_t size)
{
	uint8_t *d = (uint8_t *)to + size - 1;
	const uint8_t *s = (const uint8_t *)from + size - 1;

	if ((uintptr_t)to - (uintptr_t)from >= size)
		return memcpy(to, from, size);
	__asm__ volatile("std; rep movsb; cld"
			 : "+D" (d), "+S" (s), "+c" (size)
			 : : "memory", "cc");
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	void *start = to;

	__asm__ volatile("cld; rep stosb"
			 : "+D" (to), "+c" (size)
			 : "a" (byte) : "memory", "cc");
	return start;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const uint8_t *x = a, *y = b;

	for (; size; size--, x++, y++)
		if (*x != *y)
			return *x < *y ? -1 : 1;
	return 0;
}

size_t strlen(const char *string)
{
	const volatile char *end = string;

	while (*end)
		end++;
	return (size_t)(end - string);
}

int strncmp(const char *a, const char *b, size_t size)
{
	for (; size; size--, a++, b++) {
		if (*a != *b)
			return (uint8_t)*a < (uint8_t)*b ? -1 : 1;
		if (!*a)
			break;
	}
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}
