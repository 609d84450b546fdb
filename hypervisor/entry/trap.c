// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every entry into the monitor: classify it, and hand it on - emulate, reflect
 * to the guest, call - and before the guest runs again deliver what is due.
 */
#include "monitor.h"

struct fixup {
	uint32_t eip, go_on;
};
extern const struct fixup extable_start[], extable_end[];
extern char gate_exit[], gate_pop_es[], gate_pop_ds[], gate_iret[], gate_sysenter_iret[];

/* ---- what the guest did ---- */

/*
 * The shadow of STI and MOV SS: no interrupt before the next instruction has been
 * executed, and that may be HLT.  What comes while EIP is still there has come
 * before it, unless it is by that instruction itself.
 */
static void shadow_next(const struct frame *f)
{
	cpu->sti_shadow = true;
	cpu->shadow_eip = guest_state->shadow_eip = f->eip;
	cpu->attention = 1;
}

void trap_shadow_end(const struct frame *f)
{
	unsigned vector = f->vector;
	bool before = f->eip == cpu->shadow_eip &&
		      (irq_is_physical(vector) || vector == VECTOR_PF);

	if (!before)
		cpu->sti_shadow = false;
}

static void after_emulation(struct frame *f, const struct emulate_context *ctx)
{
	if (ctx->events & (EMULATE_STI_SHADOW | EMULATE_SS_SHADOW))
		shadow_next(f);
	if (ctx->events & EMULATE_SINGLE_STEP)
		debug_stepped(f);
}

/* Emulate, or reflect @vector. */
static void emulate_or_reflect(struct frame *f, enum emulate_cause cause, unsigned vector, uint32_t error)
{
	struct emulate_context ctx = { .cause = (uint8_t)cause };

	cpu->stats[STAT_EMULATED]++;
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
			reflect(f, vector, error);
		break;
	}
}

/* An access to a page that is never mapped: cpu->fault.cr2. */
void trap_emulate_access(struct frame *f)
{
	emulate_or_reflect(f, EMULATE_PAGE, VECTOR_PF, f->error);
}

static void general_protection(struct frame *f)
{
	if (!transfer_fault(f) && !wrap_fault(f))
		emulate_or_reflect(f, EMULATE_GP, VECTOR_GP, f->error);
}

static void from_guest(struct frame *f)
{
	unsigned vector = f->vector;

	switch (vector) {
	case VECTOR_DELIVER:
		cpu->stats[STAT_DELIVER]++;
		cpu->attention = 1;
		return;
	case VECTOR_IRET:
		transfer_by_call(f);
		return;
	case VECTOR_GP:
		general_protection(f);
		return;
	case VECTOR_DB:
		debug_exception(f);
		return;
	case VECTOR_NMI:
		return;
	default:
		break;
	}
	if (!transfer_fault(f) && !(vector == VECTOR_SS && wrap_fault(f)))
		reflect(f, vector, f->error);
}

/* ---- what happened in the monitor itself ---- */

/* The instruction that faulted may have been expected to. */
static bool fix_up(struct frame *f)
{
	const struct fixup *x;

	for (x = extable_start; x < extable_end; x++)
		if (x->eip == f->eip) {
			f->eip = x->go_on;
			return true;
		}
	return false;
}

static bool page_fault_in_monitor(struct frame *f)
{
	uint32_t linear = read_cr2();
	struct fault before = cpu->fault;
	struct translation t;

	if (walk(linear, f->error & 2, &t) && shadow_fill(linear, &t, f->error & 2))
		return true;
	cpu->monitor_fault = cpu->fault;
	cpu->fault = before;
	return fix_up(f);
}

/*
 * The exit path's loads of the guest's registers.  A selector that cannot be
 * loaded becomes null.  An IRET that faults is the guest's fault: its frame is
 * put together again from what has been loaded already.
 */
static bool exit_fault(struct frame *f)
{
	/* Frames of the same ring end before ESP: there the stack went on. */
	uint32_t *stack = &f->esp;
	struct frame guest;
	struct frame *again;

	if (f->eip == (uint32_t)gate_pop_es || f->eip == (uint32_t)gate_pop_ds) {
		*stack = 0;
		return true;
	}
	if (f->eip != (uint32_t)gate_iret && f->eip != (uint32_t)gate_sysenter_iret)
		return false;
	guest = *f;
	again = (struct frame *)((char *)stack - offsetof(struct frame, eip));
	memcpy(&guest.eip, stack, sizeof(guest) - offsetof(struct frame, eip));
	memcpy(again, &guest, offsetof(struct frame, eip));
	reflect(again, guest.vector, guest.error);	/* @again lies over @f */
	trap_end(again);
	gate_resume(again);
}

static void nested_debug(struct frame *f)
{
	if (debug_nested(f)) {
		trap_end(f);
		gate_resume(f);
	}
}

static void in_monitor(struct frame *f)
{
	unsigned vector = f->vector;

	if (irq_adopt_event(vector) || vector == VECTOR_NMI)
		return;
	if (vector == VECTOR_DB)
		nested_debug(f);
	else if (vector == VECTOR_PF && page_fault_in_monitor(f))
		return;
	else if (!fix_up(f) && !exit_fault(f))
		panic(f, "exception in the monitor");
}

/* ---- leaving ---- */

void trap_attend(struct frame *f)
{
	debug_deliver(f);
	if (f->eip != cpu->shadow_eip)
		cpu->sti_shadow = false;
	while (cpu->attention) {
		cpu->attention = 0;
		irq_work(f);
	}
	/* An interrupt waits for one more instruction: step over that. */
	if (cpu->sti_shadow) {
		if (irq_waits() && !(f->eflags & EFLAGS_TF)) {
			cpu->stepping = true;
			f->eflags |= EFLAGS_TF;
		}
		cpu->attention = 1;
	}
	if (cpu->halted) {
		cpu->halted = false;	/* in there the frame says it */
		f->error = FRAME_HALTED;
		frame_clean(f);
		gate_sleep(f);
	}
}

/* VMI_Halt, where it is not simply that: something waits. */
void trap_halt(struct frame *f)
{
	cpu->stats[STAT_CALL]++;
	cpu->calls[VMI_CALL_Halt]++;
	cpu_halt();
	trap_end(f);
}

/* From entry.asm, for a port call alone, or the raw instruction. */
void trap_port(struct frame *f)
{
	trap_begin(f);
	port_call(f);
	trap_end(f);
}

/*
 * Perhaps that STI was just executed, perhaps it was passed by: an interrupt
 * that comes one instruction late is as good.
 */
static __attribute__((noinline, cold)) void note_shadow(const struct frame *f)
{
	if ((f->cs & 3) == 1 && !frame_is_v86(f))
		shadow_next(f);
}

/* And for an interrupt while the guest runs, or is halted. */
void trap_interrupt(struct frame *f)
{
	trap_begin(f);
	if (f->error == FRAME_HALTED)
		cpu_halt();
	if (f->eip == guest_state->shadow_eip)
		note_shadow(f);
	irq_physical(f);
	trap_end(f);
}

/* From entry.asm, interrupts off, in the monitor's address space: all but the guest's page faults (fault.c). */
void trap(struct frame *f)
{
	if (!(f->cs & 3) && !frame_is_v86(f)) {
		in_monitor(f);
		return;
	}
	trap_begin(f);
	from_guest(f);
	trap_end(f);
}
