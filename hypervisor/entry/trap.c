// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entries from the guest (traps): each is classified, and emulated, reflected or turned
 * into an interrupt of the guest.  fault.c has page faults, call.c monitor calls, nested.c
 * exceptions at CPL 0; exit.c has what is done before the guest runs again.
 */
#include "cpu/cpu.h"
#include "dev/dev.h"
#include "emulate/emulate.h"
#include "entry/entry.h"

/* ---- instructions ---- */

/* Events that the emulated instruction leaves: a shadow of STI, a single-step trap. */
static void after_emulation(struct frame *f, const struct emulate_context *ctx)
{
	if (ctx->events & (EMULATE_STI_SHADOW | EMULATE_SS_SHADOW))
		sti_shadow_begin(f);
	if ((ctx->events & EMULATE_SINGLE_STEP) && debug_step_is_due(f))
		reflect(f, VECTOR_DB, 0);
}

/*
 * Emulate the instruction at EIP, or reflect @vector if the emulator does not know it.
 * The guest's deferred calls are done first: the instruction may depend on them.
 */
static void emulate_or_reflect(struct frame *f, enum emulate_cause cause, unsigned vector)
{
	struct emulate_context ctx = { .cause = (uint8_t)cause };

	this_vcpu()->stats[STAT_EMULATED]++;
	defer_flush();
	switch (emulate(f, &ctx)) {
	case EMULATED:
		after_emulation(f, &ctx);
		break;
	case EMULATE_FAULT:
		reflect_fault(f);
		break;
	case EMULATE_SOFT_INT:
		reflect_soft(f, ctx.soft_vector, ctx.length);
		break;
	case EMULATE_UNKNOWN:
		if (cause != EMULATE_PAGE || !watch_give_up())
			reflect(f, vector, frame_error(f));
		break;
	}
}

void trap_emulate_access(struct frame *f)
{
	emulate_or_reflect(f, EMULATE_PAGE, VECTOR_PF);
}

/* ---- exceptions ---- */

/*
 * An exception in a return of the VMI layer (VMI_IRET, VMI_SYSEXIT) becomes the fault of
 * the whole return, or the return is completed after all.  false: it was elsewhere.
 */
static bool return_has_faulted(struct frame *f)
{
	enum transfer result = transfer_fault(f);

	if (result == TRANSFER_FAULT)
		reflect_fault(f);
	return result != TRANSFER_NOT_MINE;
}

static void debug_exception(struct frame *f)
{
	if (debug_is_due(f, debug_take_cause()))
		reflect(f, VECTOR_DB, 0);
}

static void other_exception(struct frame *f)
{
	if (return_has_faulted(f))
		return;
	if ((f->vector == VECTOR_GP || f->vector == VECTOR_SS) && wrap_fault(f))
		return;
	if (f->vector == VECTOR_GP)
		emulate_or_reflect(f, EMULATE_GP, VECTOR_GP);
	else
		reflect(f, f->vector, frame_error(f));
}

/*
 * VECTOR_DELIVER needs no work here: exit_attend() delivers.  NMIs are dropped.  An INT n
 * of the guest does not come here by its own vector, as it is #GP first.
 */
void trap(struct frame *f)
{
	trap_begin(f);
	switch (f->vector) {
	case VECTOR_DELIVER:
		this_vcpu()->stats[STAT_DELIVER]++;
		this_vcpu()->attention = 1;
		break;
	case VECTOR_IRET:
		if (transfer_by_call(f) == TRANSFER_FAULT)
			reflect_fault(f);
		break;
	case VECTOR_DB:
		debug_exception(f);
		break;
	case VECTOR_NMI:
		break;
	default:
		if (f->vector < STRAY_FIRST || !stray_interrupt(f->vector))
			other_exception(f);
		break;
	}
}

/* ---- ports and HLT ---- */

static NOINLINE void any_port_call(struct frame *f, unsigned call)
{
	unsigned size = 1u << call % 3;
	uint32_t value, mask = size == 4 ? 0xffffffffu : (1u << size * 8) - 1;

	if (call < 3) {
		port_out(frame_port(f), size, f->eax);
	} else {
		port_in(frame_port(f), size, &value);
		f->eax = (f->eax & ~mask) | (value & mask);
	}
}

/* A port that does not go straight.  In the common case it is an EOI to the pair. */
void trap_port(struct frame *f)
{
	trap_begin(f);
	this_vcpu()->stats[STAT_CALL]++;
	if (f->vector == VECTOR_PORT && port_is_pair(frame_port(f)))
		controllers_pair_write(frame_port(f), (uint8_t)f->eax);
	else
		any_port_call(f, f->vector - VECTOR_PORT);
}

void trap_halt(struct frame *f)
{
	(void)f;
	this_vcpu()->stats[STAT_CALL]++;
	this_vcpu()->calls[VMI_CALL_Halt]++;
	vcpu_halt();
}

/* ---- interrupts ---- */

/*
 * Can an interrupt be delivered at this point with nothing else to be done before?  Ring
 * 3 always can take one, ring 1 with virtual IF set; but in the VMI layer a return may
 * have to be completed first.
 */
static bool guest_is_ready(const struct frame *f)
{
	if (this_vcpu()->attention || frame_is_v86(f))
		return false;
	return (f->cs & 2) || (vif_is_set() && f->eip < HOLE_BASE);
}

/* A line that finds the guest ready goes from the controller to the handler at once. */
static void line_interrupt(struct frame *f, unsigned line)
{
	int vector = controllers_line_arrived(line, guest_is_ready(f));

	this_vcpu()->stats[STAT_INTERRUPT]++;
	if (vector >= 0 && !inject_interrupt(f, (unsigned)vector))
		reflect_fault(f);
}

/* An interrupt by the local APIC: a pin of the IO-APIC, a PCI function's message, the timer. */
static NOINLINE void apic_interrupt(unsigned vector)
{
	struct vcpu *v = this_vcpu();

	v->attention = 1;
	if (vector - VECTOR_IOAPIC < IOAPIC_PINS) {
		v->stats[STAT_INTERRUPT]++;
		controllers_pin_arrived(vector - VECTOR_IOAPIC);
	} else if (vector == VECTOR_TIMER) {
		v->stats[STAT_TIMER]++;
		PHYSICAL_APIC(APIC_EOI) = 0;
		deadline_expire();
	} else if (vector - VECTOR_MSI >= MSI_VECTORS || !msi_arrived(vector - VECTOR_MSI)) {
		stray_interrupt(vector);	/* or spurious, and then not in service */
	} else {
		v->stats[STAT_INTERRUPT]++;
	}
}

/*
 * The gate executes a simple STI by itself and only notes the EIP behind it
 * (gate_protection).  We cannot tell whether that STI was just executed or EIP only came
 * by again; one instruction late is harmless either way.
 */
static COLD void note_shadow(const struct frame *f)
{
	if ((f->cs & SELECTOR_RPL) == 1 && !frame_is_v86(f))
		sti_shadow_begin(f);
}

/* A physical interrupt, while the guest runs or is halted. */
void trap_interrupt(struct frame *f)
{
	unsigned line = f->vector - VECTOR_PIC;

	trap_begin(f);
	if (frame_is_halted(f))
		vcpu_halt();
	else if (f->eip == state_page()->shadow_eip)
		note_shadow(f);
	if (line < PIC_LINES)
		line_interrupt(f, line);
	else
		apic_interrupt(f->vector);
}
