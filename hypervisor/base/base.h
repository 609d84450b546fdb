/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the lowest level offers to all others: words for the machine (x86.h), the
 * map of the hole, the frame of an interrupted guest, the vCPU, and the few
 * services that need nothing but these.
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

/* console.c: a line on the debug console.  %s, %u, %x and %0Nx; nothing else. */
void print(const char *format, ...) PRINTF(1);

/* memory.c: freestanding C needs them. */
void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);

/*
 * pool.c: zeroed pages of the block, handed out once, at the start.  There are
 * enough, or the monitor stops.
 */
void pool_init(uint32_t first, uint32_t end);
void *pool_page(void);
void *pool_pages(unsigned count);
unsigned pool_free_pages(void);

/* ---- panic.c: a mistake of the monitor's own ---- */

/* The machine stops; with the registers of @f, if it is not NULL. */
void panic(const struct frame *f, const char *why) NORETURN;

/* What a triple fault does to the processor: it shuts down, and a PC resets. */
void triple_fault(void) NORETURN;

/* Registers on the debug console, as every dump shows them. */
void frame_print(const struct frame *f);

/* A condition that must never hold: in every build, where it costs next to nothing. */
#define BUG_ON(condition) do { if (condition) panic(NULL, #condition); } while (0)

/* One that must hold, where finding out costs: only `make check-build` compiles it. */
#ifdef VMI_CHECK
#define ASSERT(condition) do { if (!(condition)) panic(NULL, "not " #condition); } while (0)
#else
#define ASSERT(condition) ((void)0)
#endif

/* ---- fixup.c, fixup.asm: instructions that may fault at CPL 0 ---- */

/* In an asm(), behind "1:" and an instruction: on a fault, on to the label @bad. */
#define FIXUP(bad)	".pushsection .extable, \"a\", @progbits\n\t.long 1b, " bad "\n\t.popsection"

/* Was the instruction at EIP expected to fault?  Then the frame goes on where it says. */
bool fixup_find(struct frame *f);

/* The bytes that could not be copied because of a fault, which monitor_fault then names. */
uint32_t copy_fixup(void *to, const void *from, uint32_t n);

/* Each 0, or 1 if it faulted. */
uint32_t fixup_load_fs(uint32_t selector);
uint32_t fixup_load_gs(uint32_t selector);
uint32_t fixup_xsetbv(uint32_t index, uint32_t low, uint32_t high);
uint32_t fixup_rdmsr(uint32_t index, uint64_t *value);
uint32_t fixup_rdpmc(uint32_t counter, uint64_t *value);

#endif
