/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cases of the raw instructions test: the table is in cases.asm, their
 * surroundings in surroundings.c, their use in raw_instructions.c.
 */
#ifndef RAW_INSTRUCTIONS_H
#define RAW_INSTRUCTIONS_H

#include <stdint.h>

enum {
	RAW_STEP = 1,		/* once more, with TF */
	RAW_TIMER = 2,		/* with the PIT ticking */
	RAW_USER = 4,		/* it ends in ring 3 */
};

struct raw_case {
	const char *name;
	const uint8_t *code;
	uint32_t flags;
};

extern const struct raw_case raw_cases[], raw_cases_end[];

/* run.asm */
struct raw_result {
	uint32_t gs, fs, es, ds, ss;
	uint32_t edi, esi, ebp, esp, ebx, edx, ecx, eax;
	uint32_t eflags;
};

extern struct raw_result raw_result;
extern uint32_t raw_stack;
void raw_run(const void *code, const uint32_t *registers);

/* surroundings.c */
#define RAW_TAIL	0x40000000u	/* a page with nothing after it */
#define RAW_READ_ONLY	0x40002000u
#define RAW_LOW		0x6000u		/* code that 16-bit offsets reach */
#define RAW_VECTOR	0x90

extern uint8_t raw_buffer[8192];

void surroundings_init(void);

/* All as it is before every case. */
void surroundings_reset(void);

/* After FNV-1a, but by words, over what the case may have changed beside registers. */
uint32_t surroundings_memory(void);
uint32_t surroundings_system(void);
uint32_t raw_digest(uint32_t digest, const void *from, uint32_t size);
#define RAW_DIGEST	2166136261u

#endif
