// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events into the guest: exceptions, interrupts and INT n go through the
 * guest's own IDT onto its own kernel stack, with the frame that the processor
 * would have pushed (SDM volume 3, 6.12).  The IDT is read when it is needed,
 * as the processor does, so that nothing has to be kept in step.
 */
#include "cpu/flat.h"

#define GATE_TYPE	0x1f00u
#define GATE_DPL(high)	((high) >> 13 & 3)
#define TYPE_INTERRUPT	0x0600u		/* with GATE_32 and GATE_TRAP open */

enum { SOFT = 1, EXTERNAL = 2, DEVICE = 4 };

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

/* What the guest's handler finds as its EFLAGS image. */
static uint32_t flags_image(const struct frame *f)
{
	uint32_t flags = f->eflags & ~(EFLAGS_IF | EFLAGS_IOPL);

	if (this_vcpu()->stepping)
		flags &= ~EFLAGS_TF;
	return flags | vif_flag() | info_page()->iopl << 12;
}

/* The frame's words, the last pushed first; returns how many. */
static unsigned build(const struct frame *f, uint32_t *w, unsigned vector, uint32_t error,
		      unsigned how)
{
	bool by_call = info_page()->iret_by_call;
	unsigned n = 0;

	if (!(how & (SOFT | DEVICE)) && has_error_code(vector))
		w[n++] = error;
	w[n++] = f->eip;
	w[n++] = frame_from_user(f) || by_call ? f->cs : f->cs & ~3u;
	w[n++] = flags_image(f);
	if (frame_from_user(f)) {
		w[n++] = f->esp;
		w[n++] = by_call || frame_is_v86(f) ? f->ss : f->ss & ~3u;
	}
	if (frame_is_v86(f)) {
		w[n++] = f->v86_es;
		w[n++] = f->v86_ds;
		w[n++] = f->v86_fs;
		w[n++] = f->v86_gs;
	}
	return n;
}

static bool push(uint16_t ss, uint32_t *esp, const uint32_t *words, unsigned n, bool wide)
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
	return guest_write(descriptor_base(*d) + (*esp & mask), wide ? (const void *)words : narrow, size,
			   ACCESS_WRITE);
}

/*
 * Deliver @vector.  Returns false with a fault recorded and @f unchanged.
 */
static __attribute__((noinline)) bool deliver_any(struct frame *f, unsigned vector, uint32_t error, unsigned how)
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
	/* The processor would not look at a stack that it has: we load it again. */
	if (frame_from_user(f) ? !tss_kernel_stack(&ss, &esp) : !segment_check_stack(ss, 1, VECTOR_SS))
		return false;
	if (!push(ss, &esp, words, n, gate.high & GATE_32))
		return false;
	if (frame_is_v86(f)) {
		f->ds = f->es = 0;
		fixup_load_fs(0);
		fixup_load_gs(0);
		tss_open_ports(info_page()->iopl == 3);
	}
	f->eip = handler;
	f->cs = (cs & ~3u) | 1;
	f->ss = ss;
	f->esp = esp;
	f->eflags &= ~(EFLAGS_TF | EFLAGS_NT | EFLAGS_RF | EFLAGS_VM);
	this_vcpu()->stepping = false;
	if (!(gate.high & GATE_TRAP))
		vif_clear();
	return true;
}

/* SDM volume 3, table 6-5: 0 benign, 1 contributory, 2 page fault. */
static unsigned fault_class(unsigned vector)
{
	if (vector == VECTOR_PF)
		return 2;
	return vector == 0 || (vector >= VECTOR_TS && vector <= VECTOR_GP);
}

static void note_page_fault(unsigned vector)
{
	if (vector == VECTOR_PF)
		state_page()->cr2 = this_vcpu()->fault.cr2;
}

/*
 * An exception whose CR2, for a page fault, is this_vcpu()->fault.cr2.  A fault in
 * delivering it is delivered in its stead, or makes a double fault.
 */
void reflect(struct frame *f, unsigned vector, uint32_t error)
{
	note_page_fault(vector);
	this_vcpu()->stats[vector == VECTOR_PF ? STAT_PAGE_FAULT : STAT_EXCEPTION]++;
	this_vcpu()->halted = false;
	while (!deliver_flat_exception(f, vector, error) && !deliver_any(f, vector, error, EXTERNAL)) {
		unsigned second = this_vcpu()->fault.vector;

		if (vector == VECTOR_DF)
			guest_stop(f, "triple fault");
		note_page_fault(second);
		error = this_vcpu()->fault.error;
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

/* INT n of @length bytes at EIP. */
void reflect_soft(struct frame *f, unsigned vector, unsigned length)
{
	this_vcpu()->stats[STAT_SOFT_INT]++;
	f->eip += length;
	if (deliver_any(f, vector, 0, SOFT))
		return;
	f->eip -= length;
	reflect_fault(f);
}

/* A device's interrupt.  false: a fault was recorded. */
bool inject_interrupt(struct frame *f, unsigned vector)
{
	this_vcpu()->stats[STAT_INJECTED]++;
	this_vcpu()->halted = false;
	return deliver_flat_interrupt(f, vector) || deliver_any(f, vector, 0, EXTERNAL | DEVICE);
}
