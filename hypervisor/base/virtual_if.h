/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtual IF, the guest's interrupt flag, is a word in the vCPU state page.  The
 * word "pending" beside it tells the guest that an interrupt waits until virtual IF
 * is set.  Both have the format of EFLAGS.IF: 0 or 200h.
 *
 * The guest can write both.  That is safe for virtual IF, which is the guest's own
 * choice anyway.  The monitor never relies on "pending": it asks the models of the
 * interrupt controllers whether an interrupt waits.
 */
#ifndef VMI_VIRTUAL_IF_H
#define VMI_VIRTUAL_IF_H

#include "base/frame.h"
#include "base/vcpu.h"

/* Virtual IF in the format of EFLAGS: 0 or EFLAGS_IF. */
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

/* Set virtual IF from the IF bit of an EFLAGS image. */
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
 * Ring 3 always has interrupts enabled, whatever virtual IF says, since it has no
 * way to disable them.  V8086 mode with virtual IOPL 3 is the exception: CLI and
 * STI are allowed there, so virtual IF is honoured.
 */
static inline bool vif_is_forced(const struct frame *f)
{
	return frame_from_user(f) && !(frame_is_v86(f) && info_page()->iopl == 3);
}

#endif
