// SPDX-License-Identifier: GPL-2.0-only
/*
 * The exit path: what has to be done before the guest runs again.  Events that wait are
 * delivered one after another until none can be; an instruction in the shadow of STI is
 * stepped over; a halted guest is sent to sleep.  The gate calls exit_attend() on its
 * way out if vcpu.attention is set.  Here alone interrupts are taken from dev/ and
 * delivered by cpu/, which do not know of each other.
 */
#include "cpu/cpu.h"
#include "dev/dev.h"
#include "entry/entry.h"

/* ---- the shadow of STI and MOV SS ---- */

/*
 * The state page gets the address too: there the gate must deliver no interrupt by
 * itself (entry/quick.c), and the protected instruction may be HLT.
 */
void sti_shadow_begin(const struct frame *f)
{
	struct vcpu *v = this_vcpu();

	v->sti_shadow = true;
	v->shadow_eip = state_page()->shadow_eip = f->eip;
	v->attention = 1;
}

/*
 * An event that finds EIP still there came before the instruction ran, unless the
 * instruction itself faulted.  A call of the VMI layer's (INT) has EIP behind it.
 */
void sti_shadow_end(const struct frame *f)
{
	bool before = f->eip == this_vcpu()->shadow_eip &&
		      (f->vector >= EXCEPTIONS || f->vector == VECTOR_PF);

	if (!before)
		this_vcpu()->sti_shadow = false;
}

/*
 * The guest's next instruction is still in the shadow.  If an interrupt waits for it, TF
 * makes the processor trap right behind it (unless the guest steps by itself anyway).
 */
static void step_over(struct frame *f)
{
	if (controllers_next() != CONTROLLERS_NONE && !(f->eflags & EFLAGS_TF)) {
		this_vcpu()->stepping = true;
		f->eflags |= EFLAGS_TF;
	}
	this_vcpu()->attention = 1;
}

/* ---- interrupts ---- */

/* Would hardware let the guest take an interrupt now? */
static bool can_take(const struct frame *f)
{
	return !this_vcpu()->sti_shadow && (vif_is_forced(f) || vif_is_set());
}

/*
 * If the guest was interrupted in a return of the VMI layer that has set virtual IF
 * already, the return is completed first: to the guest it is one instruction.  If it
 * faults, the fault is reflected; its handler may run with interrupts disabled, so
 * whether an interrupt can be taken is asked again.
 */
static bool finish_return(struct frame *f)
{
	if (f->eip < HOLE_BASE || this_vcpu()->halted)
		return true;
	if (transfer_forward(f) == TRANSFER_FAULT)
		reflect_fault(f);
	return can_take(f);
}

/*
 * Deliver one interrupt if one is due and the guest can take it.  If it cannot, pending
 * is set in the state page: when the guest sets virtual IF it will see that, and ask
 * (VECTOR_DELIVER).
 */
static void deliver_next(struct frame *f)
{
	int next = controllers_next();
	bool waits = next != CONTROLLERS_NONE;

	if (waits && can_take(f)) {
		if (finish_return(f) && !inject_interrupt(f, controllers_acknowledge(next)))
			reflect_fault(f);
		waits = controllers_next() != CONTROLLERS_NONE;
		/* Behind a trap gate virtual IF is still set: the next one can follow at once. */
		this_vcpu()->attention = waits;
	}
	vif_set_pending(waits);
}

#ifdef VMI_CHECK
#define CHECK_EVERY	64u	/* exits that may have changed shadows */

/*
 * Has the MMU done anything since the last check?  A check takes long, so few are made,
 * and none once a test has begun to take the guest's time, which it measures.
 */
static bool check_is_due(void)
{
	static uint32_t last, exits;
	const uint32_t *stats = this_vcpu()->stats;
	uint32_t now = stats[STAT_HIDDEN_FAULT] + stats[STAT_SHADOW_FLUSH] + stats[STAT_SHADOW_RESET] +
		       stats[STAT_SHADOW_BUILT] + stats[STAT_QUEUE_FLUSH];

	if (now == last || this_vcpu()->take_from || exits++ % CHECK_EVERY)
		return false;
	last = now;
	return true;
}

/*
 * Whatever the guest has done: it never leaves here for ring 0, nor with interrupts
 * disabled or an IOPL that lets it disable them, nor before all events were attended to.
 */
void exit_check(const struct frame *f)
{
	ASSERT(frame_is_v86(f) || (f->cs & SELECTOR_RPL));
	ASSERT(frame_is_v86(f) || (f->ss & SELECTOR_RPL) == (f->cs & SELECTOR_RPL));
	ASSERT((f->eflags & (EFLAGS_IF | EFLAGS_IOPL)) == EFLAGS_IF);
	ASSERT(!this_vcpu()->attention || this_vcpu()->sti_shadow);
	if (check_is_due())
		mmu_check();
}
#endif

/* ---- the last thing before the guest runs ---- */

/*
 * A #DB that came at CPL 0 is reflected first, as it is due before any interrupt.  Each
 * delivery may leave another event, so the loop goes on until nothing asks for attention.
 */
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
	v->halted = false;	/* from here on the frame in the gate says it */
	f->info = FRAME_HALTED;
	frame_clean(f);
	return true;
}
