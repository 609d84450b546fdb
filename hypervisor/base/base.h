/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the lowest level, base/, offers to all others: names for the machine's bits
 * and instructions (x86.h), the map of the hole (hole.h), what POST found out
 * (boot.h), the registers of an interrupted guest (frame.h), the vCPU (vcpu.h,
 * virtual_if.h), and the few services that need nothing but these.
 */
#ifndef VMI_BASE_H
#define VMI_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/boot.h"
#include "base/compiler.h"
#include "base/frame.h"
#include "base/hole.h"
#include "base/vcpu.h"
#include "base/virtual_if.h"
#include "base/x86.h"

/* console.c: print to the debug console.  Knows %s, %u, %x and %0Nx, nothing else. */
void print(const char *format, ...) PRINTF(1);

/* memory.c: the compiler emits calls of these even in freestanding C. */
void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);

/*
 * pool.c: zeroed pages of the reserved block, handed out at start-up and never
 * returned.  A caller need not check for NULL: when the pool is exhausted the
 * monitor panics.
 */
void pool_init(uint32_t first, uint32_t end);
void *pool_page(void);
void *pool_pages(unsigned count);
unsigned pool_free_pages(void);

/* ---- panic.c: bugs of the monitor ---- */

/* Report @why, and the registers in @f unless it is NULL; then stop the machine. */
void panic(const struct frame *f, const char *why) NORETURN;

/* Cause a triple fault: the processor shuts down, and a PC then resets itself. */
void triple_fault(void) NORETURN;

/* Print the guest's registers to the debug console, in the format of every dump. */
void frame_print(const struct frame *f);

/* Panic if @condition, which must never hold, does.  For cheap tests: in every build. */
#define BUG_ON(condition) do { if (condition) panic(NULL, #condition); } while (0)

/* Panic unless @condition holds.  For costly tests: only in `make check-build`. */
#ifdef VMI_CHECK
#define ASSERT(condition) \
	do { if (!(condition)) panic(NULL, "not " #condition); } while (0)
#else
#define ASSERT(condition) ((void)0)
#endif

/* ---- fixup.c, fixup.asm: instructions that may fault at CPL 0 ---- */

/*
 * For use in an asm(), after an instruction with the label "1:" in front: if that
 * instruction faults, execution goes on at the label @bad.
 */
#define FIXUP(bad)	".pushsection .extable, \"a\", @progbits\n\t" \
			".long 1b, " bad "\n\t.popsection"

/*
 * Was the instruction at @f's EIP expected to fault (FIXUP)?  Then set EIP to where
 * execution goes on, and return true.
 */
bool fixup_find(struct frame *f);

/* Copy @n bytes.  Returns how many could not be copied because of a fault (0: all were). */
uint32_t copy_fixup(void *to, const void *from, uint32_t n);

/* Execute one instruction with these operands.  Each returns 0, or 1 if it faulted. */
uint32_t fixup_load_fs(uint32_t selector);
uint32_t fixup_load_gs(uint32_t selector);
uint32_t fixup_xsetbv(uint32_t index, uint32_t low, uint32_t high);
uint32_t fixup_rdmsr(uint32_t index, uint64_t *value);
uint32_t fixup_rdpmc(uint32_t counter, uint64_t *value);

#endif
