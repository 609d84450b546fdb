/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exceptions, interrupts and system calls: how they arrive, how a test takes
 * one as data, and how ring 3 is entered and left.
 */
#ifndef RUNTIME_TRAP_H
#define RUNTIME_TRAP_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu.h"

enum trap_vector {
	TRAP_DIVIDE = 0,
	TRAP_DEBUG = 1,
	TRAP_NMI = 2,
	TRAP_BREAKPOINT = 3,
	TRAP_OVERFLOW = 4,
	TRAP_BOUND = 5,
	TRAP_INVALID_OPCODE = 6,
	TRAP_NO_FPU = 7,
	TRAP_DOUBLE_FAULT = 8,
	TRAP_INVALID_TSS = 10,
	TRAP_NOT_PRESENT = 11,
	TRAP_STACK = 12,
	TRAP_PROTECTION = 13,
	TRAP_PAGE = 14,
	TRAP_FPU = 16,
	TRAP_ALIGNMENT = 17,
	TRAP_EXCEPTIONS = 32,		/* vectors below are the processor's */
	TRAP_SYSCALL = 0x80,		/* no gate for ring 3 until one is opened */
	TRAP_USER_EXIT = 0x81,		/* ring 3 ends its run, EAX = result */
	TRAP_FLAGS = 0x83,		/* unpatched kernels: EAX := EFLAGS */
};

/* Page-fault error code (SDM vol. 3, 4.7). */
#define PAGE_ERROR_PRESENT	0x01u
#define PAGE_ERROR_WRITE	0x02u
#define PAGE_ERROR_USER		0x04u

/* What the stubs leave on the kernel's stack, from its lower end. */
struct trap_frame {
	uint32_t gs, fs, es, ds;
	uint32_t edi, esi, ebp, skipped_esp, ebx, edx, ecx, eax;
	uint32_t vector;
	uint32_t error;			/* 0 where the processor has none */
	uint32_t eip, cs, eflags;
	uint32_t esp, ss;		/* only if it comes from ring 3 */
};

_Static_assert(__builtin_offsetof(struct trap_frame, edi) == 16
	       && __builtin_offsetof(struct trap_frame, vector) == 48
	       && __builtin_offsetof(struct trap_frame, eip) == 56
	       && sizeof(struct trap_frame) == 76, "as stubs.asm pushes it");

/* Returns false to decline: the fault is then caught, fixed up, or fatal. */
typedef bool (*trap_handler)(struct trap_frame *frame);

static inline bool trap_from_user(const struct trap_frame *frame)
{
	return (frame->cs & 3) == 3;
}

/* ESP at the moment of the trap, whichever ring it comes from. */
static inline uint32_t trap_esp(const struct trap_frame *frame)
{
	return trap_from_user(frame) ? frame->esp : (uint32_t)&frame->esp;
}

/* Before the IDT is loaded. */
void trap_init(void);

/* One handler per vector; NULL takes it away. Returns the one before. */
trap_handler trap_set_handler(uint8_t vector, trap_handler handler);

/* Prints the registers and ends the run with a failure. */
void __attribute__((noreturn)) trap_fatal(const struct trap_frame *frame);

const char *trap_name(uint32_t vector);

/* stubs.asm */
extern const uint32_t trap_stubs[IDT_ENTRIES];
extern const uint8_t trap_iret[];	/* where a return that faults is reported */
extern const uint8_t trap_inc_vectors[2];
extern const uint8_t trap_flags[];	/* what TRAP_FLAGS is for, a handler of its own */

/* Loads all registers of the frame and returns into it. */
void trap_leave(const struct trap_frame *frame) __attribute__((noreturn));

/* trap.c; for stubs.asm */
void trap_dispatch(struct trap_frame *frame);

/* The stack on which ring 3 enters the kernel, which otherwise runs on another. */
#define TRAP_STACK_SIZE	8192

extern uint8_t trap_stack[TRAP_STACK_SIZE];

static inline uint32_t trap_stack_top(void)
{
	return (uint32_t)(trap_stack + TRAP_STACK_SIZE);
}

/*
 * Faults as data.
 */
#define NO_FAULT	0xffffffffu

struct fault {
	uint32_t vector;		/* NO_FAULT if there was none */
	uint32_t error;
	uint32_t cr2;			/* page faults only, else 0 */
	uint32_t handler_mask;		/* GetInterruptMask in the handler */
	uint32_t esp;			/* at the fault */
	uint32_t frame_at;		/* where the frame was pushed */
	struct trap_frame frame;	/* esp and ss valid if from ring 3 */
};

/*
 * Calls function(argument) and returns true if an exception that no handler
 * took ended it. The interrupt mask is as before the call either way.
 */
bool expect_fault(void (*function)(void *argument), void *argument,
		  struct fault *fault);

/* Likewise for a function that leaves for ring 3 and what ends the stay there. */
bool expect_user_fault(void (*function)(void *argument), void *argument,
		       struct fault *fault);

/* A stack for ring 3, for whoever needs no more. */
#define USER_STACK_SIZE	4096

extern uint8_t user_stack[USER_STACK_SIZE];

static inline uint32_t user_stack_top(void)
{
	return (uint32_t)(user_stack + USER_STACK_SIZE);
}

/*
 * Runs ring 3 at eip on the given stack with interrupts enabled until it
 * executes INT TRAP_USER_EXIT or raises an exception that no handler took.
 * `registers` (edi to eax of a frame, and its eflags) may be NULL: all zero.
 * fault->vector is TRAP_USER_EXIT after an orderly end, and EAX the result.
 */
void user_run(uint32_t eip, uint32_t esp, const struct trap_frame *registers,
	      struct fault *fault);

/* catch.c; for trap.c: resumes at the innermost catcher, if one wants it. */
void catch_fault(struct trap_frame *frame);

/*
 * A table of {faulting address, where to go on} for single instructions
 * that may fault: FIXUP_ENTRY("1b", "2f") beside the instruction.
 */
struct fixup {
	uint32_t from, to;
};

#define FIXUP_ENTRY(from, to)				\
	".pushsection .fixup, \"a\", @progbits\n\t"	\
	".balign 4\n\t"					\
	".long " from ", " to "\n\t"			\
	".popsection\n\t"

/* Reads a word; false if that faulted. */
bool try_read(const volatile void *address, uint32_t *value);
bool try_write(volatile void *address, uint32_t value);

/* FS := selector; false if that faulted. */
bool try_load_fs(uint32_t selector);

#endif
