// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the gate does by itself, in the guest's address space: it delivers an interrupt of
 * the 8259 pair to the guest's handler, ends one, and delivers an alarm.  An idle guest
 * wakes for little else, and changing to the monitor's address space and back would
 * cost more than all the rest of it.
 *
 * The monitor says beforehand which lines are simple enough (pic_open()), and which
 * alarm.  The gate notes in the vCPU state page what it has done, until the guest ends
 * the interrupt or the monitor learns of it (learn_service() in dev/controllers.c,
 * alarm_learn() in dev/time.h).  The guest can write to that page: with a false note it
 * changes what is in service in its own models, which harms nobody but itself.
 * docs/interrupts.md, "Without the monitor".
 */
#include "cpu/flat.h"
#include "dev/dev.h"

#define GATE_CODE	__attribute__((section(".gate")))
#define EOI		0x20u		/* OCW2: end of interrupt, non-specific */

bool quick_line(struct frame *f);
bool quick_alarm(struct frame *f);
bool quick_end(struct frame *f);

/*
 * Conditions are combined with bitwise |, not ||: under TCG a branch ends a
 * translation block and costs more than evaluating every operand.
 */

/*
 * Must an interrupt of the kernel be left to the monitor?  So it is with virtual IF clear,
 * in front of an instruction that STI protects, and in the VMI layer; but there a halted
 * kernel (VMI_Halt) can take it.
 */
static INLINE uint32_t kernel_is_busy(const struct frame *f)
{
	return (vif_flag() ^ EFLAGS_IF) | (f->eip == state_page()->shadow_eip) |
	       ((f->eip >= HOLE_BASE) & (!frame_is_halted(f)));
}

/*
 * The monitor has delivered an interrupt before, and checked its code and stack segment.
 * If this one has the same two segments, no more checks are needed.
 */
static INLINE bool deliver_known(struct frame *f, unsigned vector, const bool user)
{
	const struct flat *known = &info_page()->flat[FLAT_INTERRUPT];
	struct descriptor gate = flat_gate(vector);
	uint32_t ss = flat_ss(f, user);

	if ((ss ^ known->ss) | (gate_code(gate) ^ known->cs) | !gate_is_usual(gate))
		return false;
	return flat_enter(f, ss, known->cs, gate_handler(gate), gate.high, false, 0, user);
}

/*
 * From ring 3 the kernel's stack has to be known: it is if VMI_UpdateKernelStack has told
 * it, while a TSS in guest memory may have changed.  (NOINLINE: one copy is enough for
 * both callers, and the gate has but one page.)
 */
static GATE_CODE NOINLINE bool deliver_quickly(struct frame *f, unsigned vector)
{
	if (info_page()->breakpoints | state_page()->pending | !flat_allows(f))
		return false;
	if (flat_from_kernel(f) ? kernel_is_busy(f) || !deliver_known(f, vector, false) :
				  !info_page()->stack_by_call || !deliver_known(f, vector, true))
		return false;
	frame_clean(f);
	return true;
}

/* A line of the pair has interrupted the guest.  false: left to the monitor. */
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
 * The timer has interrupted the guest.  The gate may deliver the alarm that the monitor
 * has offered (alarm_vector), if the last one was learnt of (alarm_fired) and has been
 * ended (apic_serves).  It also has to be due: the interrupt may be an old one, which was
 * on its way when the timer was set again.
 *
 * The physical interrupt is not ended here, but when the monitor learns of the alarm.
 * Until then it blocks only the timer, whose vector is the lowest of the monitor's, and
 * the timer is not running.
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

/*
 * VMI_OUTB, or the instruction, at port frame_port(f).  Is it the EOI, to either chip, of
 * a line that the gate has delivered?
 */
GATE_CODE bool quick_end(struct frame *f)
{
	unsigned slave = frame_port(f) == PIC_SLAVE_COMMAND;
	uint32_t lines = state_page()->in_service, ended = lines >> 8 * slave & 0xff;
	uint32_t value = f->eax & 0xff;

	if ((ended == 0) | (f->vector != VECTOR_PORT) |
	    ((frame_port(f) != PIC_MASTER_COMMAND) & (slave == 0)))
		return false;
	if (value != EOI && value != (PIC_EOI_SPECIFIC | (unsigned)__builtin_ctz(ended)))
		return false;
	state_page()->in_service = lines ^ ended << 8 * slave;
	return true;
}
