// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the gate does without the monitor, in the guest's address space: an
 * interrupt of the 8259 pair's, from the line to the guest's handler, and its
 * end; and an alarm.  What an idle guest wakes for is no more than that, and each
 * change to the monitor and back would cost more than all of it.
 *
 * The monitor says which lines are so simple (pic_open()), and which alarm is.
 * What the gate has done stands in the vCPU state page, until the guest has ended
 * it or the monitor learns of it (learn_service() in
 * dev/controllers.c, alarm_learn() in dev/time.h).  A guest that writes something else there has that in service, which
 * harms nobody but itself.  docs/interrupts.md, "Without the monitor".
 */
#include "cpu/flat.h"
#include "dev/dev.h"

#define GATE_CODE	__attribute__((section(".gate")))
#define EOI		0x20u		/* of what is in service */

bool quick_line(struct frame *f);
bool quick_alarm(struct frame *f);
bool quick_end(struct frame *f);

/*
 * Conditions are combined with bitwise |, not ||: under TCG a branch ends a
 * translation block and costs more than evaluating every operand.
 */

/* Not before an instruction that STI protects, nor in the VMI layer, unless halted there. */
static INLINE uint32_t kernel_is_busy(const struct frame *f)
{
	return (vif_flag() ^ EFLAGS_IF) | (f->eip == state_page()->shadow_eip) |
	       ((f->eip >= HOLE_BASE) & (!frame_is_halted(f)));
}

/* To the code, by the stack, that the monitor has delivered an interrupt through: it knows both. */
static INLINE bool deliver(struct frame *f, unsigned vector, const bool user)
{
	const struct flat *known = &info_page()->flat[FLAT_INTERRUPT];
	struct descriptor gate = flat_gate(vector);
	uint32_t ss = flat_ss(f, user);

	if ((ss ^ known->ss) | (gate_code(gate) ^ known->cs) | !gate_is_usual(gate))
		return false;
	return flat_enter(f, ss, known->cs, gate_handler(gate), gate.high, false, 0, user);
}

/* Not inlined into both that call it. */
static GATE_CODE NOINLINE bool deliver_quickly(struct frame *f, unsigned vector)
{
	if (info_page()->breakpoints | state_page()->pending | !flat_allows(f))
		return false;
	if (flat_from_kernel(f) ? kernel_is_busy(f) || !deliver(f, vector, false) :
				  !info_page()->stack_by_call || !deliver(f, vector, true))
		return false;
	frame_clean(f);
	return true;
}

/* From entry.asm: a line has interrupted the guest.  false: it is the monitor's. */
GATE_CODE bool quick_line(struct frame *f)
{
	unsigned line = f->vector - VECTOR_PIC, slave = line / PIC_SLAVE_LINES;

	if ((~info_page()->quick_lines >> line & 1) | state_page()->in_service)
		return false;
	if (!deliver_quickly(f, info_page()->quick_base[slave] + line % PIC_SLAVE_LINES))
		return false;
	state_page()->in_service = 1u << line | slave << PIC_CASCADE;
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
	unsigned vector = info_page()->alarm_vector;

	if ((vector == 0) | state_page()->alarm_fired | state_page()->apic_serves)
		return false;
	if (rdtsc() < info_page()->alarm_due || !deliver_quickly(f, vector))
		return false;
	state_page()->alarm_fired = 1;
	state_page()->apic_serves = 1;
	return true;
}

/* VMI_OUTB, or the instruction, at port frame_port(f): is it the end of such a line? */
GATE_CODE bool quick_end(struct frame *f)
{
	unsigned slave = frame_port(f) == PIC_SLAVE_COMMAND;
	uint32_t lines = state_page()->in_service, ended = lines >> 8 * slave & 0xff;
	uint32_t value = f->eax & 0xff;

	if ((ended == 0) | (f->vector != VECTOR_PORT) | ((frame_port(f) != PIC_MASTER_COMMAND) & (slave == 0)))
		return false;
	if (value != EOI && value != (PIC_EOI_SPECIFIC | (unsigned)__builtin_ctz(ended)))
		return false;
	state_page()->in_service = lines ^ ended << 8 * slave;
	return true;
}
