// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the gate does without the monitor, in the guest's address space: an
 * interrupt of the 8259 pair's, from the line to the guest's handler, and its
 * end; and an alarm.  What an idle guest wakes for is no more than that, and each
 * change to the monitor and back would cost more than all of it.
 *
 * The monitor says which lines are so simple (pic_open()), and which alarm is.
 * What the gate has done stands in the vCPU state page, until the guest has ended
 * it or the monitor learns of it (learn_service() in irq.c, alarm_learn() in
 * time.c).  A guest that writes something else there has that in service, which
 * harms nobody but itself.  docs/interrupts.md, "Without the monitor".
 */
#include "cpu/flat.h"
#include "dev/irq.h"

#define GATE_CODE	__attribute__((section(".gate")))
#define EOI		0x20u		/* of what is in service */

bool quick_line(struct frame *f);
bool quick_alarm(struct frame *f);
bool quick_end(struct frame *f);

/*
 * Questions are joined by |, without a branch: under an emulator each branch costs
 * as much as all of what it decides on.
 */

/* Not before an instruction that STI protects, nor in the VMI layer, unless halted there. */
static INLINE uint32_t kernel_is_busy(const struct frame *f)
{
	return (~guest_state->virtual_if & EFLAGS_IF) | (f->eip == guest_state->shadow_eip) |
	       ((f->eip >= HOLE_BASE) & (f->error != FRAME_HALTED));
}

/* To the code, by the stack, that the monitor has delivered an interrupt through: it knows both. */
static INLINE bool deliver(struct frame *f, unsigned vector, const bool user)
{
	const struct flat *known = &guest_info->flat[FLAT_INTERRUPT];
	struct descriptor gate = flat_gate(vector);
	uint32_t ss = flat_ss(f, user);

	if ((ss ^ known->ss) | (gate_code(gate) ^ known->cs) | !gate_is_usual(gate))
		return false;
	return flat_enter(f, ss, known->cs, gate_handler(gate), gate.high, false, 0, user);
}

/* Not inlined into both that call it. */
static GATE_CODE __attribute__((noinline)) bool deliver_quickly(struct frame *f, unsigned vector)
{
	if (guest_info->breakpoints | guest_state->pending | !flat_allows(f))
		return false;
	if (flat_from_kernel(f) ? kernel_is_busy(f) || !deliver(f, vector, false) :
				  !guest_info->stack_by_call || !deliver(f, vector, true))
		return false;
	frame_clean(f);
	return true;
}

/* From entry.asm: a line has interrupted the guest.  false: it is the monitor's. */
GATE_CODE bool quick_line(struct frame *f)
{
	unsigned line = f->vector - VECTOR_PIC, slave = line / PIC_SLAVE_LINES;

	if ((~guest_info->quick_lines >> line & 1) | guest_state->in_service)
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
 * which is not set.  One that was on its way when the timer was set anew is not
 * for that alarm.
 */
GATE_CODE bool quick_alarm(struct frame *f)
{
	unsigned vector = guest_info->alarm_vector;

	if ((vector == 0) | guest_state->alarm_fired | guest_state->apic_serves)
		return false;
	if (rdtsc() < guest_info->alarm_due || !deliver_quickly(f, vector))
		return false;
	guest_state->alarm_fired = 1;
	guest_state->apic_serves = 1;
	return true;
}

/* VMI_OUTB, or the instruction, at port f->error: is it the end of such a line? */
GATE_CODE bool quick_end(struct frame *f)
{
	unsigned slave = f->error == PIC_SLAVE_COMMAND;
	uint32_t lines = guest_state->in_service, ended = lines >> 8 * slave & 0xff;
	uint32_t value = f->eax & 0xff;

	if ((ended == 0) | (f->vector != VECTOR_PORT) | ((f->error != PIC_MASTER_COMMAND) & (slave == 0)))
		return false;
	if (value != EOI && value != (PIC_EOI_SPECIFIC | (unsigned)__builtin_ctz(ended)))
		return false;
	guest_state->in_service = lines ^ ended << 8 * slave;
	return true;
}
