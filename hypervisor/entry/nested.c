// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exceptions at CPL 0, in the gate or in the monitor.  Some are expected, because the
 * guest has chosen the address or the selector that is used there; a #DB may be one that
 * the guest has set up.  Any other is a mistake in the monitor, and stops the machine.
 */
#include "cpu/cpu.h"
#include "entry/entry.h"

/* entry.asm: instructions that may fault, and places where #DB may come */
extern char gate_pop_es[], gate_pop_ds[], gate_iret[];
extern char gate_sysenter[], gate_sysenter_iret[], gate_fetched[];

static bool eip_is(const struct frame *f, const char *code)
{
	return f->eip == (uint32_t)code;
}

/*
 * A page fault on guest memory.  true: only a shadow entry was missing, and now it is
 * there.  Else the fault is left in monitor_fault, for the code that expected it; the
 * guest's recorded fault stays as it was.
 */
static bool nested_page_fault(struct frame *f)
{
	unsigned access = frame_error(f) & ACCESS_WRITE;
	struct vcpu *v = this_vcpu();
	struct fault before = v->fault;
	uint32_t linear = read_cr2();
	struct translation t;

	if (walk(linear, access, &t)) {
		if (shadow_fill(linear, &t, access))
			return true;
		fault_record(VECTOR_PF, access);	/* closed: as if it were not mapped */
		v->fault.cr2 = linear;
	}
	v->monitor_fault = v->fault;
	v->fault = before;
	return false;
}

/*
 * The IRET to the guest has faulted: the guest has caused that, by a CS, SS or EIP that
 * cannot be loaded.  IRET has left its frame on the stack; in front of it the general
 * registers are put back, which the processor holds already, so that there is a whole
 * struct frame of the guest again.
 */
static struct frame *iret_fault(struct frame *f)
{
	/* A fault at the same ring pushes no ESP and SS: there the stack before it begins. */
	uint32_t *stack = &f->esp;
	struct frame guest;
	struct frame *again;

	guest = *f;
	again = (struct frame *)((char *)stack - offsetof(struct frame, eip));
	memcpy(&guest.eip, stack, sizeof(guest) - offsetof(struct frame, eip));
	memcpy(again, &guest, offsetof(struct frame, eip));
	reflect(again, guest.vector, frame_error(&guest));	/* not f, which again overlaps */
	return again;
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
 * A #DB that the guest has set up can come at CPL 0 in two ways: before the first
 * instruction of an entry (TF set at SYSENTER, a data breakpoint with MOV SS), and while
 * the monitor accesses guest memory or a port in the guest's name.  It is noted here, and
 * due when the guest goes on.  Reads of code trigger no data breakpoint, so those by the
 * monitor are ignored.
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

/* An NMI is dropped: the monitor uses none, and the guest is given none. */
struct frame *nested(struct frame *f)
{
	if (f->vector == VECTOR_NMI)
		return NULL;
	if (f->vector == VECTOR_DB)
		return nested_debug(f);
	if (f->vector == VECTOR_PF && nested_page_fault(f))
		return NULL;
	if (eip_is(f, gate_iret) || eip_is(f, gate_sysenter_iret))
		return iret_fault(f);
	if (!fixup_find(f) && !load_fault(f))
		panic(f, "exception in the monitor");
	return NULL;
}
