/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's interrupt flag, a word in the vCPU state page, and the word beside
 * it that says that an interrupt waits for it.  Both look like EFLAGS.IF: 0 or
 * 200h.  The guest writes the first and may write the second: it is asked as
 * the guest's wish, and whether something waits is asked of the models.
 */
#ifndef VMI_VIRTUAL_IF_H
#define VMI_VIRTUAL_IF_H

#include "base/frame.h"
#include "base/vcpu.h"

/* As EFLAGS has it: 0 or EFLAGS_IF. */
static INLINE uint32_t vif_flag(void)
{
	return state_page()->virtual_if & EFLAGS_IF;
}

static INLINE bool vif_is_set(void)
{
	return vif_flag() != 0;
}

static INLINE void vif_set(void)
{
	state_page()->virtual_if = EFLAGS_IF;
}

static INLINE void vif_clear(void)
{
	state_page()->virtual_if = 0;
}

/* From a flags image, of which bit 9 counts. */
static INLINE void vif_load(uint32_t image)
{
	state_page()->virtual_if = image & EFLAGS_IF;
}

static INLINE bool vif_pending(void)
{
	return state_page()->pending != 0;
}

static INLINE void vif_set_pending(bool waits)
{
	state_page()->pending = waits ? EFLAGS_IF : 0;
}

/*
 * Ring 3 runs with interrupts on, whatever virtual IF says.  In V8086 mode with
 * virtual IOPL 3 virtual IF is honoured.
 */
static inline bool vif_is_forced(const struct frame *f)
{
	return frame_from_user(f) && !(frame_is_v86(f) && info_page()->iopl == 3);
}

#endif
