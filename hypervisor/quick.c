// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the gate does without the monitor, in the guest's address space: an
 * interrupt of the 8259 pair's, from the line to the guest's handler, and its
 * end.  An idle guest's tick is no more than that, and each change to the
 * monitor and back would cost more than all of it.
 *
 * The monitor says which lines are so simple (pic_open()).  That a line is in
 * service stands in the vCPU state page until the guest has ended it; if the
 * monitor is entered before, its model of the pair learns of it there
 * (learn_service() in irq.c).  A guest that writes other lines into that word has
 * them in service, which harms nobody but itself.
 */
#include "flat.h"
#include "irq.h"

#define GATE_CODE	__attribute__((section(".gate")))
#define EOI		0x20u		/* of what is in service */
#define EOI_NUMBER	0x07u

bool quick_line(struct frame *f);
bool quick_alarm(struct frame *f);
bool quick_end(struct frame *f);

/* Not before an instruction that STI protects, nor in the VMI layer, unless halted there. */
static INLINE bool kernel_is_ready(const struct frame *f)
{
	return (guest_state->virtual_if & EFLAGS_IF) && f->eip != guest_state->shadow_eip &&
	       (f->eip < HOLE_BASE || f->error == FRAME_HALTED);
}

/* To the code, by the stack, that the monitor has delivered an interrupt through: it knows both. */
static INLINE bool deliver(struct frame *f, unsigned vector, const bool user)
{
	const struct flat *known = &guest_info->flat[FLAT_INTERRUPT];
	struct descriptor gate = flat_gate(vector);
	uint32_t ss = flat_ss(f, user);

	return ss == known->ss && gate_code(gate) == known->cs && gate_is_usual(gate) &&
	       flat_enter(f, ss, known->cs, gate_handler(gate), gate.high, false, 0, user);
}

/* Once for both that call it: the gate has one page. */
static GATE_CODE __attribute__((noinline)) bool deliver_quickly(struct frame *f, unsigned vector)
{
	if (guest_info->breakpoints || guest_state->pending || !flat_allows(f))
		return false;
	if (flat_from_kernel(f) ? !kernel_is_ready(f) || !deliver(f, vector, false) :
				  !guest_info->stack_by_call || !deliver(f, vector, true))
		return false;
	frame_clean(f);
	return true;
}

/* From entry.asm: a line has interrupted the guest.  false: it is the monitor's. */
GATE_CODE bool quick_line(struct frame *f)
{
	unsigned line = f->vector - VECTOR_PIC, slave = line / PIC_SLAVE_LINES;

	if (!(guest_info->quick_lines >> line & 1) || guest_state->in_service)
		return false;
	if (!deliver_quickly(f, guest_info->quick_base[slave] + line % PIC_SLAVE_LINES))
		return false;
	guest_state->in_service = 1u << line | slave << PIC_CASCADE;
	pair_end(line);
	return true;
}

/*
 * The timer has: for an alarm, and what is in service at the local APIC, if
 * anything is, was one before it and has ended.  The physical interrupt is ended
 * when the monitor learns of this one; until then it blocks nothing but the timer,
 * which is not set.
 */
GATE_CODE bool quick_alarm(struct frame *f)
{
	unsigned vector = guest_info->alarm_vector;

	if (!vector || guest_state->alarm_fired || guest_state->apic_serves || !deliver_quickly(f, vector))
		return false;
	guest_state->alarm_fired = 1;
	guest_state->apic_serves = 1;
	return true;
}

/* VMI_OUTB, or the instruction, at port f->error: is it the end of such a line? */
GATE_CODE bool quick_end(struct frame *f)
{
	uint32_t lines = guest_state->in_service, value = f->eax & 0xff, ended;

	if (!lines || f->vector != VECTOR_PORT)
		return false;
	if (f->error == PIC_MASTER_COMMAND)
		ended = lines & 0xff;
	else if (f->error == PIC_SLAVE_COMMAND)
		ended = lines >> 8 & 0xff;
	else
		return false;
	if (value != EOI && value != (PIC_EOI_SPECIFIC | (value & EOI_NUMBER)))
		return false;
	if (!ended || (value != EOI && ended != 1u << (value & EOI_NUMBER)))
		return false;
	guest_state->in_service = lines ^ (f->error == PIC_MASTER_COMMAND ? ended : ended << 8);
	return true;
}
