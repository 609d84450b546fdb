/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cases of the V8086 test: the code and the table are in code_user.asm,
 * their use in v86.c.
 */
#ifndef V86_H
#define V86_H

#include <stdint.h>

/* Where the code's page and the stack's lie, for 16-bit segments. */
#define V86_CODE	0x20000u
#define V86_STACK	0x21000u
#define V86_SS		(V86_STACK / 16)
#define V86_SP		0xff0u
#define V86_DS		0x2004
#define V86_ES		0x2005
#define V86_FS		0x2006
#define V86_GS		0x2007

struct v86_case {
	const char *name;
	uint32_t start, at;		/* offsets in the code */
	uint32_t vector, error;
	uint32_t iopl;
	uint32_t eax;			/* what EAX is then */
	uint32_t flags;			/* which of IF and IOPL the image has */
	uint32_t sp;			/* change of SP */
};

extern const struct v86_case v86_cases[], v86_cases_end[];
extern const uint8_t v86_code[], v86_code_end[];

/* enter.asm: an IRET frame becomes the stack; VMI_IRET, or the bare instruction. */
void v86_enter(const void *frame) __attribute__((noreturn));
void v86_enter_raw(const void *frame) __attribute__((noreturn));

#endif
