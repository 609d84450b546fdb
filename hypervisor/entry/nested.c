// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens at CPL 0, in the gate or the monitor: faults that were to be
 * expected, since a guest had chosen the address or the selector; #DB that a guest
 * has set up; and mistakes of the monitor's.
 */
#include "cpu/cpu.h"
#include "entry/entry.h"

extern char gate_pop_es[], gate_pop_ds[], gate_iret[], gate_sysenter[], gate_sysenter_iret[], gate_fetched[];

static bool eip_is(const struct frame *f, const char *code)
{
	return f->eip == (uint32_t)code;
}

/* An entry that is missing in the shadows; else the fault is noted for whoever expected it. */
static bool page_fault(struct frame *f)
{
	unsigned access = frame_error(f) & ACCESS_WRITE;
	struct fault before = this_vcpu()->fault;
	uint32_t linear = read_cr2();
	struct translation t;

	if (walk(linear, access, &t) && shadow_fill(linear, &t, access))
		return true;
	this_vcpu()->monitor_fault = this_vcpu()->fault;
	this_vcpu()->fault = before;
	return false;
}

/*
 * The IRET to the guest has faulted, which is the guest's fault: its frame is put
 * together again from what has been loaded already.
 */
static struct frame *iret_fault(struct frame *f)
{
	/* Frames of the same ring end before ESP: there the stack went on. */
	uint32_t *stack = &f->esp;
	struct frame guest;
	struct frame *again;

	guest = *f;
	again = (struct frame *)((char *)stack - offsetof(struct frame, eip));
	memcpy(&guest.eip, stack, sizeof(guest) - offsetof(struct frame, eip));
	memcpy(again, &guest, offsetof(struct frame, eip));
	reflect(again, guest.vector, frame_error(&guest));	/* @again lies over @f */
	return again;
}

/* The exit path loads the guest's registers: a selector that cannot be loaded becomes null. */
static bool load_fault(struct frame *f)
{
	uint32_t *stack = &f->esp;

	if (!eip_is(f, gate_pop_es) && !eip_is(f, gate_pop_ds))
		return false;
	*stack = 0;
	return true;
}

/*
 * A #DB of the guest's making can come before the first instruction of an entry (TF
 * over SYSENTER, a data breakpoint at MOV SS), and while the monitor touches guest
 * memory or a port for it: it is due when the guest goes on.  At gate_sysenter
 * there is no struct frame yet: this one becomes it, since the gate's stack has
 * room for all of it there.
 */
static struct frame *debug(struct frame *f)
{
	uint32_t cause = debug_take_cause();

	if (this_vcpu()->fetching || eip_is(f, gate_fetched))
		return NULL;
	if (!eip_is(f, gate_sysenter)) {
		debug_note(cause);
		this_vcpu()->debug_trap = true;
		this_vcpu()->attention = 1;
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

struct frame *nested(struct frame *f)
{
	if (f->vector == VECTOR_NMI)
		return NULL;
	if (f->vector == VECTOR_DB)
		return debug(f);
	if (f->vector == VECTOR_PF && page_fault(f))
		return NULL;
	if (eip_is(f, gate_iret) || eip_is(f, gate_sysenter_iret))
		return iret_fault(f);
	if (!fixup_find(f) && !load_fault(f))
		panic(f, "exception in the monitor");
	return NULL;
}
