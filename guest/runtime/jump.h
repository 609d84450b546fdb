/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Leaving a context and coming back to it, across exceptions and rings;
 * and the segment registers after a new GDT.
 */
#ifndef RUNTIME_JUMP_H
#define RUNTIME_JUMP_H

#include <stdint.h>

struct jump_context {
	uint32_t ebx, esi, edi, ebp, esp, eip;
};

/* Returns 0, and a second time the value that jump_to() was given (not 0). */
int jump_set(struct jump_context *context) __attribute__((returns_twice));
void jump_to(const struct jump_context *context, int value)
	__attribute__((noreturn));

/* Loads CS, loads SS, DS and ES with `data`, and clears FS and GS. */
void reload_segments(uint32_t code, uint32_t data);

#endif
