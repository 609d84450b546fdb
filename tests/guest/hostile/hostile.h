/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the hostile test share.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stdbool.h>
#include <stdint.h>

#include "random.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define PICK(array)	((array)[random_below(COUNT(array))])
#define HOSTILE_SELECTOR SELECTOR_SPARE
#define HOSTILE_LDT	(SELECTOR_SPARE + 8)
#define HOSTILE_TSS	(SELECTOR_SPARE + 16)
#define HOSTILE_VECTOR	0x90

/* Runs code in either ring; what ended it. */
void hostile_kernel(uint32_t eip, uint32_t cs);
void hostile_user(uint32_t eip, uint32_t esp);
extern uint32_t endings[];		/* by vector */
extern uint8_t kernel_code[64], user_code[64];
extern const uint8_t hostile_landing[], user_out[];

/* Catches what ends a run that enter() begins, from whichever ring, and judges it. */
void hostile_run(void (*enter)(void *), void *argument);
uint32_t hostile_value(uint32_t scratch);

/* code.c, tables.c, v86.c, state.c */
void hostile_put(uint8_t *code);
void hostile_v86(void);
void hostile_instruction(void);
void hostile_descriptor(void);
void hostile_gate(void);
void hostile_system(void);
void hostile_state_begin(void);
void hostile_state(void);

#endif
