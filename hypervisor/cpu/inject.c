// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delivers events to the guest: exceptions, interrupts and INT n go through the guest's
 * own IDT and onto the stack of its kernel, with the frame that the processor would have
 * pushed (SDM volume 3, 6.12).  The IDT is read for each event, as the processor does, so
 * no copy of it has to be kept up to date.  This is the slow path, for all cases; flat.h
 * is the fast one.
 */
#include "cpu/flat.h"

#define GATE_TYPE	0x1f00u
#define GATE_DPL(high)	((high) >> HIGH_DPL_SHIFT & 3)
#define TYPE_INTERRUPT	0x0600u		/* any of four types: ignore GATE_32 and GATE_TRAP */

/* How an event comes: by INT n; not by the program itself; from a device. */
enum { SOFT = 1, EXTERNAL = 2, DEVICE = 4 };

/* Read the guest's gate for @vector, with the checks that the processor makes of it. */
static bool read_gate(const struct frame *f, unsigned vector, unsigned how, struct descriptor *gate)
{
	uint32_t error = vector * 8 + ERROR_IDT + (how & SOFT ? 0 : ERROR_EXT);

	if (vector * 8 + 7 > info_page()->idt.limit)
		return refuse(VECTOR_GP, error);
	if (!guest_read(info_page()->idt.base + vector * 8, gate, sizeof(*gate), ACCESS_READ))
		return false;
	if ((gate->high & (GATE_TYPE & ~(GATE_32 | GATE_TRAP))) != TYPE_INTERRUPT)
		return refuse(VECTOR_GP, error);
	if ((how & SOFT) && frame_from_user(f) && GATE_DPL(gate->high) < 3)
		return refuse(VECTOR_GP, error);
	return (gate->high & GATE_P) || refuse(VECTOR_NP, error);
}

/* The EFLAGS image for the guest's handler: virtual IF and IOPL, no TF set by the monitor. */
static uint32_t flags_image(const struct frame *f)
{
	uint32_t flags = f->eflags & ~(EFLAGS_IF | EFLAGS_IOPL);

	if (this_vcpu()->stepping)
		flags &= ~EFLAGS_TF;
	return flags | vif_flag() | info_page()->iopl << EFLAGS_IOPL_SHIFT;
}

/*
 * Build the stack frame in @w, lowest address first, and return its number of words.
 * Until the guest uses VMI_IRET, selectors of ring 1, and SS, get RPL 0: then a raw IRET
 * traps, so that the monitor can restore virtual IF.
 */
static unsigned build(const struct frame *f, uint32_t *w, unsigned vector, uint32_t error,
		      unsigned how)
{
	bool by_call = info_page()->iret_by_call;
	unsigned n = 0;

	if (!(how & (SOFT | DEVICE)) && has_error_code(vector))
		w[n++] = error;
	w[n++] = f->eip;
	w[n++] = frame_from_user(f) || by_call ? f->cs : f->cs & ~SELECTOR_RPL;
	w[n++] = flags_image(f);
	if (frame_from_user(f)) {
		w[n++] = f->esp;
		w[n++] = by_call || frame_is_v86(f) ? f->ss : f->ss & ~SELECTOR_RPL;
	}
	if (frame_is_v86(f)) {
		w[n++] = f->v86_es;
		w[n++] = f->v86_ds;
		w[n++] = f->v86_fs;
		w[n++] = f->v86_gs;
	}
	return n;
}

/* Write a frame of @n words below *@esp, as dwords (@wide) or 16-bit words. */
static bool push_frame(uint16_t ss, uint32_t *esp, const uint32_t *words, unsigned n, bool wide)
{
	struct descriptor *d = segment_lookup(ss);
	uint16_t narrow[10];
	uint32_t size = n * (wide ? 4 : 2), mask;
	unsigned i;

	if (!d)
		return refuse(VECTOR_SS, 0);
	for (i = 0; i < n; i++)
		narrow[i] = (uint16_t)words[i];
	mask = descriptor_stack_mask(*d);
	*esp = (*esp & ~mask) | ((*esp - size) & mask);
	return guest_write(descriptor_base(*d) + (*esp & mask),
			   wide ? (const void *)words : narrow, size, ACCESS_WRITE);
}

/*
 * Deliver any event.  false: the delivery faulted; the fault is recorded and @f is
 * unchanged.
 */
static NOINLINE bool deliver_any(struct frame *f, unsigned vector, uint32_t error, unsigned how)
{
	struct descriptor gate;
	uint32_t words[10], esp = f->esp, handler;
	uint16_t ss = (uint16_t)f->ss, cs;
	unsigned n;

	if (vif_is_forced(f))
		vif_set();
	if (!read_gate(f, vector, how, &gate))
		return false;
	cs = (uint16_t)(gate.low >> 16);
	handler = gate.low & 0xffff;
	if (gate.high & GATE_32)
		handler |= gate.high & 0xffff0000u;
	if (!segment_check_code(cs, 1, handler))
		return false;
	n = build(f, words, vector, error, how);
	/* The processor would not check the SS that it has loaded, but the exit path loads it. */
	if (frame_from_user(f) ? !tss_kernel_stack(&ss, &esp) :
				 !segment_check_stack(ss, 1, VECTOR_SS))
		return false;
	if (!push_frame(ss, &esp, words, n, gate.high & GATE_32))
		return false;
	if (frame_is_v86(f)) {
		f->ds = f->es = 0;
		fixup_load_fs(0);
		fixup_load_gs(0);
		tss_open_ports(info_page()->iopl == 3);
	}
	f->eip = handler;
	f->cs = (cs & ~SELECTOR_RPL) | 1;
	f->ss = ss;
	f->esp = esp;
	f->eflags &= ~(EFLAGS_TF | EFLAGS_NT | EFLAGS_RF | EFLAGS_VM);
	this_vcpu()->stepping = false;
	if (!(gate.high & GATE_TRAP))
		vif_clear();
	return true;
}

/* 0 benign, 1 contributory, 2 page fault (SDM volume 3, table 6-5). */
static unsigned fault_class(unsigned vector)
{
	if (vector == VECTOR_PF)
		return 2;
	return vector == 0 || (vector >= VECTOR_TS && vector <= VECTOR_GP);
}

/* Page faults also show their address in CR2. */
static void note_page_fault(unsigned vector)
{
	if (vector == VECTOR_PF)
		state_page()->cr2 = this_vcpu()->fault.cr2;
}

/* A second fault may make a double fault (SDM volume 3, table 6-5); a third one ends the guest. */
void reflect(struct frame *f, unsigned vector, uint32_t error)
{
	struct vcpu *v = this_vcpu();

	note_page_fault(vector);
	v->stats[vector == VECTOR_PF ? STAT_PAGE_FAULT : STAT_EXCEPTION]++;
	v->halted = false;
	while (!deliver_flat_exception(f, vector, error) &&
	       !deliver_any(f, vector, error, EXTERNAL)) {
		unsigned second = v->fault.vector;

		if (vector == VECTOR_DF)
			guest_stop(f, "triple fault");
		note_page_fault(second);
		error = v->fault.error;
		if ((fault_class(vector) && fault_class(second) == 1) ||
		    (fault_class(vector) == 2 && fault_class(second))) {
			second = VECTOR_DF;
			error = 0;
		}
		vector = second;
	}
}

void reflect_fault(struct frame *f)
{
	reflect(f, this_vcpu()->fault.vector, this_vcpu()->fault.error);
}

/* The frame has the EIP after the INT n; but if the delivery faults, that has its own. */
void reflect_soft(struct frame *f, unsigned vector, unsigned length)
{
	this_vcpu()->stats[STAT_SOFT_INT]++;
	f->eip += length;
	if (deliver_any(f, vector, 0, SOFT))
		return;
	f->eip -= length;
	reflect_fault(f);
}

bool inject_interrupt(struct frame *f, unsigned vector)
{
	this_vcpu()->stats[STAT_INJECTED]++;
	this_vcpu()->halted = false;
	return deliver_flat_interrupt(f, vector) || deliver_any(f, vector, 0, EXTERNAL | DEVICE);
}
