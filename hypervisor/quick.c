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

/* From entry.asm: a line has interrupted the guest.  false: it is the monitor's. */
GATE_CODE bool quick_line(struct frame *f)
{
	unsigned line = f->vector - VECTOR_PIC, slave = line / PIC_SLAVE_LINES;
	unsigned vector = guest_info->quick_base[slave] + line % PIC_SLAVE_LINES;

	if (!(guest_info->quick_lines >> line & 1) || guest_info->breakpoints)
		return false;
	if (guest_state->in_service || guest_state->pending || !flat_allows(f))
		return false;
	if (flat_from_kernel(f) ? !kernel_is_ready(f) || !deliver(f, vector, false) :
				  !guest_info->stack_by_call || !deliver(f, vector, true))
		return false;
	frame_clean(f);
	guest_state->in_service = 1u << line | slave << PIC_CASCADE;
	pair_end(line);
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
