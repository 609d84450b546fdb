// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exceptions at CPL 0, in the gate or in the monitor.  Some are expected, because the
 * guest has chosen the address or the selector that is used there; a #DB may be one that
 * the guest has set up.  Any other is a mistake in the monitor, and stops the machine.
 */
#include "cpu/cpu.h"
#include "dev/dev.h"
#include "entry/entry.h"

/* entry.asm: instructions that may fault, and places where #DB may come */
extern char gate_pop_es[], gate_pop_ds[], gate_woken[], gate_sysenter[], gate_fetched[];

/* linker/monitor.ld: the addresses of all IRETs by which the gate leaves to the guest */
extern const uint32_t gate_irets_start[], gate_irets_end[];

static bool eip_is(const struct frame *f, const char *code)
{
	return f->eip == (uint32_t)code;
}

/*
 * A page fault on guest memory.  true: only a shadow entry was missing, and now it is
 * there.  Else the code that expected the fault finds out why.  The guest's recorded
 * fault stays as it was.
 */
static bool nested_page_fault(struct frame *f)
{
	unsigned access = frame_error(f) & ACCESS_WRITE;
	struct vcpu *v = this_vcpu();
	struct fault before = v->fault;
	uint32_t linear = read_cr2();
	struct translation t;

	if (walk(linear, access, &t) && shadow_fill(linear, &t, access))
		return true;
	v->fault = before;
	return false;
}

static bool eip_is_iret(const struct frame *f)
{
	const uint32_t *at;

	for (at = gate_irets_start; at < gate_irets_end; at++)
		if (f->eip == *at)
			return true;
	return false;
}

/*
 * An event at an IRET to the guest, by which all else has been done: the guest has caused
 * it, by a CS, SS or EIP that cannot be loaded, or a breakpoint at the port that the gate
 * has just accessed.  IRET's frame is still on the stack; in front of it the general
 * registers are put back, which the processor holds already, so that there is a whole
 * struct frame of the guest again.
 */
static struct frame *frame_at_iret(struct frame *f)
{
	/* A fault at the same ring pushes no ESP and SS: there the stack before it begins. */
	uint32_t *stack = &f->esp;
	struct frame guest;
	struct frame *again;

	guest = *f;
	again = (struct frame *)((char *)stack - offsetof(struct frame, eip));
	memcpy(&guest.eip, stack, sizeof(guest) - offsetof(struct frame, eip));
	memcpy(again, &guest, offsetof(struct frame, eip));
	return again;	/* it overlaps @f, which is lost */
}

/*
 * The exit path pops ES and DS of the guest.  A selector that cannot be loaded (the guest
 * may have changed its descriptor) becomes null on the stack, and is popped again.
 */
static bool load_fault(struct frame *f)
{
	uint32_t *stack = &f->esp;

	if (!eip_is(f, gate_pop_es) && !eip_is(f, gate_pop_ds))
		return false;
	*stack = 0;
	return true;
}

/*
 * A #DB that the guest has set up can come at CPL 0 in three ways: before the first
 * instruction of an entry (TF set at SYSENTER, a data breakpoint with MOV SS); while the
 * monitor accesses guest memory or a port in the guest's name, when it is noted here and
 * due as the guest goes on; and behind the port access of a gate, when it is due at
 * once.  Reads of code trigger no data breakpoint, so those by the monitor are ignored.
 *
 * At gate_sysenter the processor has pushed nothing, and the guest has no frame yet.
 * This one, the frame of the #DB, becomes the guest's: the stack there has room for it.
 */
static struct frame *nested_debug(struct frame *f)
{
	uint32_t cause = debug_take_cause();
	struct vcpu *v = this_vcpu();

	if (v->fetching || eip_is(f, gate_fetched))
		return NULL;
	if (eip_is_iret(f)) {
		f = frame_at_iret(f);
		if (debug_is_due(f, cause))
			reflect(f, VECTOR_DB, 0);
		return f;
	}
	if (!eip_is(f, gate_sysenter)) {
		debug_note(cause);
		v->debug_trap = true;
		v->attention = 1;
		f->eflags &= ~EFLAGS_TF;
		return NULL;
	}
	f->eip = info_page()->sysenter_eip;
	f->cs = info_page()->sysenter_cs;
	f->esp = info_page()->sysenter_esp;
	f->ss = info_page()->sysenter_ss;
	vif_clear();
	if (debug_is_due(f, cause))
		reflect(f, VECTOR_DB, 0);
	return f;
}

/*
 * A stray interrupt at the vector of a direct gate (cpu/direct.c) has found the guest
 * halted: at CPL 0 the processor cannot go through a gate to ring 1, and raises #GP.
 */
static bool halt_has_faulted(const struct frame *f)
{
	return f->vector == VECTOR_GP && eip_is(f, gate_woken) && stray_undelivered();
}

/*
 * An NMI is dropped: the monitor uses none, and the guest is given none.  A stray
 * interrupt has ended the HLT of a halted guest, which then goes on sleeping.
 */
struct frame *nested(struct frame *f)
{
	if (f->vector == VECTOR_NMI || halt_has_faulted(f) ||
	    (f->vector >= STRAY_FIRST && stray_interrupt(f->vector)))
		return NULL;
	if (f->vector == VECTOR_DB)
		return nested_debug(f);
	if (f->vector == VECTOR_PF && nested_page_fault(f))
		return NULL;
	if (eip_is_iret(f)) {
		f = frame_at_iret(f);
		reflect(f, f->vector, frame_error(f));
		return f;
	}
	if (!fixup_find(f) && !load_fault(f))
		panic(f, "exception in the monitor");
	return NULL;
}
