/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interrupted guest's registers, as entry.asm lays them on the monitor's
 * stack.  Everything that handles a trap works on this structure, and the
 * exit path loads what it then holds.
 */
#ifndef VMI_FRAME_H
#define VMI_FRAME_H

#include <stdint.h>

struct frame {
	/* PUSHA */
	uint32_t edi, esi, ebp, skipped_esp, ebx, edx, ecx, eax;
	uint32_t es, ds;
	uint32_t vector;
	uint32_t error;
	/* by the processor */
	uint32_t eip, cs, eflags, esp, ss;
	/* only when eflags.VM is set */
	uint32_t v86_es, v86_ds, v86_fs, v86_gs;
};

/* As error code of the frame of a halted guest: the interrupt that woke it finds it. */
#define FRAME_HALTED	1u

#define EFLAGS_CF	0x00000001u
#define EFLAGS_PF	0x00000004u
#define EFLAGS_AF	0x00000010u
#define EFLAGS_ZF	0x00000040u
#define EFLAGS_SF	0x00000080u
#define EFLAGS_TF	0x00000100u
#define EFLAGS_IF	0x00000200u
#define EFLAGS_DF	0x00000400u
#define EFLAGS_OF	0x00000800u
#define EFLAGS_IOPL	0x00003000u
#define EFLAGS_NT	0x00004000u
#define EFLAGS_RF	0x00010000u
#define EFLAGS_VM	0x00020000u
#define EFLAGS_AC	0x00040000u
#define EFLAGS_VIF	0x00080000u
#define EFLAGS_VIP	0x00100000u

static inline int frame_is_v86(const struct frame *f)
{
	return (f->eflags & EFLAGS_VM) != 0;
}

/* Ring 1 runs with these, whatever it has loaded. */
static inline void frame_clean(struct frame *f)
{
	f->eflags = (f->eflags & ~EFLAGS_IOPL) | EFLAGS_IF;
}

static inline int frame_from_user(const struct frame *f)
{
	return frame_is_v86(f) || (f->cs & 3) == 3;
}

#endif
