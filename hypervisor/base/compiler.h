/* SPDX-License-Identifier: GPL-2.0-only */
/* Attributes of functions and variables, under short names. */
#ifndef VMI_COMPILER_H
#define VMI_COMPILER_H

#define INLINE		inline __attribute__((always_inline))
#define NOINLINE	__attribute__((noinline))
#define COLD		__attribute__((noinline, cold))
#define NORETURN	__attribute__((noreturn))
#define PRINTF(n)	__attribute__((format(printf, n, (n) + 1)))

/*
 * For variables that only POST and VMI_Init write.  Their pages become read-only at
 * the end of VMI_Init (hole_seal() in mmu/hole.c), so that several CPUs need no
 * lock for them.
 */
#ifdef VMI_HOST		/* a test may start the monitor again */
#define CONST_AFTER_START	__attribute__((section("const_after_start")))
#else
#define CONST_AFTER_START	__attribute__((section(".bss.const_after_start")))
#endif

#endif
