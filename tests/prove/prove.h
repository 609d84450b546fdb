/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the drivers for Eva share: values that may be anything, and the compiler's
 * builtins, with the condition under which they are defined.
 */
#ifndef PROVE_H
#define PROVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "__fc_builtin.h"

/* Any value at all, another at each reading. */
extern volatile uint8_t any_u8;
extern volatile uint16_t any_u16;
extern volatile uint32_t any_u32;
extern volatile uint64_t any_u64;

static inline bool any_bool(void)
{
	return any_u8 & 1;
}

/* From @first to @last. */
static inline unsigned any_of(unsigned first, unsigned last)
{
	return Frama_C_unsigned_int_interval(first, last);
}

/* @size bytes of anything. */
static inline void any_bytes(void *at, unsigned size)
{
	Frama_C_make_unknown(at, size);
}

/* Both are undefined for 0; halving keeps Eva's intervals narrow. */
static inline int prove_clz(uint32_t word)
{
	int n = 0;

	/*@ assert defined: word != 0; */
	if (word <= 0xffffu) {
		n += 16;
		word <<= 16;
	}
	if (word <= 0xffffffu) {
		n += 8;
		word <<= 8;
	}
	if (word <= 0xfffffffu) {
		n += 4;
		word <<= 4;
	}
	if (word <= 0x3fffffffu) {
		n += 2;
		word <<= 2;
	}
	return word <= 0x7fffffffu ? n + 1 : n;
}

/* No more than what the highest bit allows. */
static inline int prove_ctz(uint32_t word)
{
	return Frama_C_interval(0, 31 - prove_clz(word));
}

#define __builtin_clz	prove_clz
#define __builtin_ctz	prove_ctz

/* What the processor answers may be anything. */
#define inb		x86_inb
#define inw		x86_inw
#define inl		x86_inl
#define cpuid		x86_cpuid
#include "base/x86.h"
#undef inb
#undef inw
#undef inl
#undef cpuid

static inline uint8_t inb(uint16_t port)
{
	return any_u8;
}

static inline uint16_t inw(uint16_t port)
{
	return any_u16;
}

static inline uint32_t inl(uint16_t port)
{
	return any_u32;
}

static inline void cpuid(uint32_t leaf, uint32_t subleaf, uint32_t r[4])
{
	Frama_C_make_unknown((char *)r, 16);
}

#endif
