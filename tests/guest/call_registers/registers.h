/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A call with every register chosen, and what came back.
 */
#ifndef REGISTERS_H
#define REGISTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "vmi_abi.h"

/* As invoke.asm has it, in and out. */
struct registers {
	uint32_t eax, ebx, ecx, edx, esi, edi, ebp;
	uint32_t eflags;
	uint32_t ds, es, fs, gs;
	uint32_t stack[2];		/* arguments beyond the registers */
	uint32_t entry;			/* what is called */
	uint32_t esp_before, esp_after;
};

extern struct registers invoke_registers;

/* The interrupt mask that the call left. */
extern uint32_t mask_after;

/* invoke.asm: calls with the registers there, leaves there what came back. */
void invoke(void);

/* The same with the frame of an IRET to the next instruction on the stack. */
void invoke_iret(void);

/* ring3_user.asm: SYSEXIT comes here */
void user_syscall(void);
void user_landed(void);

/* What a call may change beside EAX, EDX, ECX and flags, or may not. */
#define CHANGES_EAX	0x01u
#define CHANGES_ECX	0x02u
#define CHANGES_EDX	0x04u
#define CHANGES_EBX	0x08u
#define CHANGES_ESI	0x10u
#define CHANGES_EDI	0x20u
#define CHANGES_FLAGS	0x40u		/* but never DF */
#define NULL_SEGMENTS	0x80u		/* works with DS, ES, FS and GS null */

#define STANDARD	(CHANGES_EAX | CHANGES_ECX | CHANGES_EDX | CHANGES_FLAGS)
#define FLAGS_ONLY	CHANGES_FLAGS

struct call_case {
	enum vmi_call call;
	uint32_t changes;
	/* Arguments; NULL: none */
	void (*prepare)(struct registers *r);
	/* Result and effect; NULL: there are none to see */
	bool (*right)(const struct registers *r);
};

/* cases.c, cases_io.c, cases_mmu.c; ended by VMI_NR_CALLS */
extern const struct call_case cpu_cases[], io_cases[], mmu_cases[];

#define PATTERN_EAX	0xa1a2a3a4u
#define PATTERN_EBX	0xb1b2b3b4u
#define PATTERN_ECX	0xc1c2c3c4u
#define PATTERN_EDX	0xd1d2d3d4u
#define PATTERN_ESI	0x51525354u
#define PATTERN_EDI	0xf1f2f3f4u
#define PATTERN_EBP	0xe1e2e3e4u

#endif
