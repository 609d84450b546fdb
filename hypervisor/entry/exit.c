// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is due before the guest runs again: events that wait, one after another until
 * none can be delivered; an instruction that has to be stepped over first; sleep.
 * The gate comes here on its way out if vcpu.attention is set.
 */
#include "cpu/cpu.h"
#include "dev/dev.h"
#include "entry/entry.h"

/* ---- the shadow of STI and MOV SS ---- */

/* The instruction that is protected may be HLT. */
void sti_shadow_begin(const struct frame *f)
{
	this_vcpu()->sti_shadow = true;
	this_vcpu()->shadow_eip = state_page()->shadow_eip = f->eip;
	this_vcpu()->attention = 1;
}

/*
 * An event that finds EIP still there came before the instruction ran, unless the
 * instruction itself faulted.
 */
void sti_shadow_end(const struct frame *f)
{
	bool before = f->eip == this_vcpu()->shadow_eip &&
		      (vector_is_physical(f->vector) || f->vector == VECTOR_PF);

	if (!before)
		this_vcpu()->sti_shadow = false;
}

/* An interrupt waits for one more instruction: step over that. */
static void step_over(struct frame *f)
{
	if (controllers_next() != CONTROLLERS_NONE && !(f->eflags & EFLAGS_TF)) {
		this_vcpu()->stepping = true;
		f->eflags |= EFLAGS_TF;
	}
	this_vcpu()->attention = 1;
}

/* ---- interrupts ---- */

static bool can_take(const struct frame *f)
{
	return !this_vcpu()->sti_shadow && (vif_is_forced(f) || vif_is_set());
}

/* A return that the guest has begun comes first; if that faults, it leaves them disabled. */
static bool finish_return(struct frame *f)
{
	if (f->eip < HOLE_BASE || this_vcpu()->halted)
		return true;
	if (transfer_forward(f) == TRANSFER_FAULT)
		reflect_fault(f);
	return can_take(f);
}

/* Deliver, or leave the note that makes the guest ask when it sets virtual IF. */
static void deliver_next(struct frame *f)
{
	int next = controllers_next();
	bool waits = next != CONTROLLERS_NONE;

	if (waits && can_take(f)) {
		if (finish_return(f) && !inject_interrupt(f, controllers_acknowledge(next)))
			reflect_fault(f);
		waits = controllers_next() != CONTROLLERS_NONE;
		this_vcpu()->attention = waits;		/* through a trap gate it goes on */
	}
	vif_set_pending(waits);
}

#ifdef VMI_CHECK
#define CHECK_EVERY	32u

/* Whatever the guest has done, this is how it runs. */
void exit_check(const struct frame *f)
{
	static unsigned exits;

	ASSERT(frame_is_v86(f) || (f->cs & SELECTOR_RPL));
	ASSERT(frame_is_v86(f) || (f->ss & SELECTOR_RPL) == (f->cs & SELECTOR_RPL));
	ASSERT((f->eflags & (EFLAGS_IF | EFLAGS_IOPL)) == EFLAGS_IF);
	ASSERT(!this_vcpu()->attention || this_vcpu()->sti_shadow);
	if (exits++ % CHECK_EVERY == 0)
		mmu_check();
}
#endif

/* ---- the last thing before the guest runs ---- */

bool exit_attend(struct frame *f)
{
	struct vcpu *v = this_vcpu();

	if (v->debug_trap) {
		v->debug_trap = false;
		reflect(f, VECTOR_DB, 0);
	}
	if (f->eip != v->shadow_eip)
		v->sti_shadow = false;
	while (v->attention) {
		v->attention = 0;
		deliver_next(f);
	}
	if (v->sti_shadow)
		step_over(f);
	if (!v->halted)
		return false;
	v->halted = false;	/* in there the frame says it */
	f->info = FRAME_HALTED;
	frame_clean(f);
	return true;
}
