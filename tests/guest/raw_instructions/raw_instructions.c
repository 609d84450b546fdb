/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: raw privileged instructions leave the state that hardware leaves; tests/test_raw_instructions.py compares the lines.
 * Environments: native segment paged
 * Variants: paging=32
 *
 * A line `case NAME: ...` shows all that the case could change. What
 * docs/abi.md lets differ is left out here, where a comment says so.  With the
 * word `terse` a line has a digest of it: the serial port of Bochs is slow.
 */
#include "raw_instructions.h"

#include "runtime.h"

#include "vmi.h"

#define EFLAGS_SHOWN	0xcd5u		/* CF PF AF ZF SF DF OF */

static const uint32_t patterns[9] = {
	0xd1d1d1d1, 0x51515151, 0xb9b9b9b9, 0, 0xb0b0b0b0, 0xd0d0d0d0, 0xc0c0c0c0, 0xa0a0a0a0,
	EFLAGS_FIXED | 0x8d5,		/* all arithmetic flags */
};

static uint32_t registers[9], mask_after, steps, step_digest;
static const struct raw_case *current;
static bool terse;

/*
 * Frames show the kernel's selectors with the monitor's RPL (abi.md, 10):
 * natively it is 0. Ring 3's are shown as they are.
 */
static uint32_t selector(uint32_t value)
{
	value &= 0xffff;
	return (value & 3) == 3 ? value : value & ~3u;
}

static void gather(const struct trap_frame *frame, uint32_t esp, struct raw_result *r)
{
	*r = (struct raw_result) {
		.gs = selector(frame->gs), .fs = selector(frame->fs), .es = selector(frame->es),
		.ds = selector(frame->ds), .ss = trap_from_user(frame) ? selector(frame->ss) : 0,
		.edi = frame->edi, .esi = frame->esi, .ebp = frame->ebp,
		.esp = trap_from_user(frame) ? esp : raw_stack - esp,
		.ebx = frame->ebx, .edx = frame->edx, .ecx = frame->ecx, .eax = frame->eax,
		/* Images of an exception's frame are exact in IF, not so PUSHF's; IOPL shows in both (abi.md, 10). */
		.eflags = frame->eflags & (EFLAGS_SHOWN | EFLAGS_IF | EFLAGS_TF),
	};
}

static bool take_step(struct trap_frame *frame)
{
	uint32_t offset = frame->eip - (uint32_t)current->code;
	struct raw_result r;

	if (offset >= (uint32_t)(current[1].code - current->code))
		return true;
	gather(frame, trap_esp(frame), &r);
	steps++;
	step_digest = raw_digest(step_digest, &offset, sizeof(offset));
	step_digest = raw_digest(step_digest, &r, sizeof(r));
	return true;
}

static bool take_interrupt(struct trap_frame *frame)
{
	frame->eax = ~frame->eax;
	return true;
}

static void run(void *unused)
{
	(void)unused;
	raw_run(current->code, registers);
	mask_after = vmi_get_interrupt_mask();
}

/* All that a case leaves. */
struct end {
	uint32_t vector, error, cr2, offset, mask, memory, system, steps, step_digest;
	struct raw_result r;
};

static void find_end(const struct fault *fault, struct end *end)
{
	struct raw_result *r = &end->r;

	*end = (struct end){
		.vector = fault->vector, .memory = surroundings_memory(), .system = surroundings_system(),
		.steps = steps, .step_digest = step_digest,
	};
	if (fault->vector != NO_FAULT) {
		gather(&fault->frame, fault->esp, r);
		end->error = fault->error;
		end->cr2 = fault->cr2;
		end->offset = fault->frame.eip - (uint32_t)current->code;
		return;
	}
	end->mask = mask_after;
	*r = raw_result;
	r->gs = selector(r->gs);
	r->fs = selector(r->fs);
	r->es = selector(r->es);
	r->ds = selector(r->ds);
	r->ss = selector(r->ss);
	r->esp = raw_stack - r->esp;
	/* PUSHF shows the hardware's IF and IOPL (abi.md, 10). */
	r->eflags &= EFLAGS_SHOWN | EFLAGS_TF;
}

static void show_end(const struct end *end, bool step)
{
	const struct raw_result *r = &end->r;

	print("case %s%s: ", current->name, step ? " (steps)" : "");
	if (terse) {
		print("%x\n", raw_digest(RAW_DIGEST, end, sizeof(*end)));
		return;
	}
	if (end->vector != NO_FAULT)
		print("%s error %x cr2 %x at %x", trap_name(end->vector), end->error, end->cr2, end->offset);
	else
		print("done if %x", end->mask);
	print(" eax %x ebx %x ecx %x edx %x esi %x edi %x ebp %x esp %x flags %x", r->eax, r->ebx, r->ecx, r->edx,
	      r->esi, r->edi, r->ebp, r->esp, r->eflags);
	print(" ds %x es %x fs %x gs %x ss %x", r->ds, r->es, r->fs, r->gs, r->ss);
	print(" memory %x system %x", end->memory, end->system);
	if (step)
		print(" steps %u %x", end->steps, end->step_digest);
	print("\n");
}

static void run_case(bool step)
{
	struct fault fault;
	struct end end;
	bool right;

	memcpy(registers, patterns, sizeof(registers));
	if (step)
		registers[8] |= EFLAGS_TF;
	steps = 0;
	step_digest = RAW_DIGEST;
	surroundings_reset();
	if (current->flags & RAW_TIMER)
		pit_start(1000);
	if (current->flags & RAW_USER)
		expect_user_fault(run, NULL, &fault);
	else
		expect_fault(run, NULL, &fault);
	vmi_disable_interrupts();
	if (current->flags & RAW_TIMER)
		pit_stop();
	find_end(&fault, &end);
	surroundings_reset();
	show_end(&end, step);
	right = (fault.vector == TRAP_USER_EXIT) == !!(current->flags & RAW_USER)
		&& fault.vector != TRAP_DOUBLE_FAULT && (!step || steps);
	if (!terse || !right)
		report(right, "%s ends where it is meant to", current->name);
}

int main(void)
{
	terse = boot_has_word("terse");
	surroundings_init();
	pic_init();
	trap_set_handler(TRAP_DEBUG, take_step);
	trap_set_handler(RAW_VECTOR, take_interrupt);
	for (current = raw_cases; current < raw_cases_end; current++) {
		run_case(false);
		if (current->flags & RAW_STEP)
			run_case(true);
	}
	report(true, "all cases have run");
	return 0;
}
