/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: system calls by INT from ring 3, through a trap gate and through an interrupt gate, keep all registers.
 * Environments: native segment paged bochs bochs-paged
 * Variants: paging=32 paging=pae paging=off
 */
#include "runtime.h"

#include "vmi.h"

#define CALLS			10000
#define RESULT			0x12345678u

/* tasks_user.asm */
extern const uint8_t task_trap[], task_interrupt[];
extern const uint8_t task_trap_call[2], task_interrupt_call[2];	/* INT n */
extern const uint8_t task_many[];
extern uint32_t user_registers[8];
extern uint8_t carry_after;

static struct trap_frame seen;
static uint32_t seen_mask, seen_frame_at;
static uint32_t calls;

static bool note_call(struct trap_frame *frame)
{
	seen = *frame;
	seen_mask = vmi_get_interrupt_mask();
	seen_frame_at = (uint32_t)frame;
	frame->eax = RESULT;
	return true;
}

static bool count_call(struct trap_frame *frame)
{
	calls++;
	frame->eax++;
	return true;
}

static void check_frame(const char *gate, uint32_t vector, uint32_t after)
{
	report_equal(seen.vector, vector, "%s: the vector", gate);
	report_equal(seen.eip, after, "%s: EIP", gate);
	report_equal(seen.cs & 0xffff, USER_CS, "%s: CS", gate);
	report_equal(seen.ss & 0xffff, USER_SS, "%s: SS", gate);
	report_equal(seen.esp, user_stack_top(), "%s: ESP", gate);
	report(seen.eflags & EFLAGS_IF && seen.eflags & EFLAGS_CF,
	       "%s: EFLAGS has IF and CF", gate);
	report_equal(seen_frame_at, trap_stack_top() - sizeof(seen),
		     "%s: the kernel's stack", gate);
	report(seen.eax == 0xa0000001 && seen.ecx == 0xc0000002
	       && seen.edx == 0xd0000003 && seen.ebx == 0xb0000004
	       && seen.ebp == 0xe0000005 && seen.esi == 0x50000006
	       && seen.edi == 0xf0000007, "%s: the arguments arrive", gate);
}

static void check_return(const char *gate)
{
	report(user_registers[7] == RESULT, "%s: the result arrives", gate);
	report(user_registers[0] == 0xf0000007
	       && user_registers[1] == 0x50000006
	       && user_registers[2] == 0xe0000005
	       && user_registers[3] == user_stack_top()
	       && user_registers[4] == 0xb0000004
	       && user_registers[5] == 0xd0000003
	       && user_registers[6] == 0xc0000002,
	       "%s: all other registers are kept", gate);
	report_equal(carry_after, 1, "%s: the carry flag is kept", gate);
}

static void run(const char *gate, const uint8_t *task)
{
	struct fault fault;

	user_run((uint32_t)task, user_stack_top(), NULL, &fault);
	report_equal(fault.vector, TRAP_USER_EXIT, "%s: the task ends", gate);
}

static void test_many(void)
{
	struct trap_frame registers = { .ebx = CALLS };
	struct fault fault;

	trap_set_handler(TRAP_SYSCALL, count_call);
	user_run((uint32_t)task_many, user_stack_top(), &registers, &fault);
	report(fault.vector == TRAP_USER_EXIT && calls == CALLS
	       && fault.frame.eax == CALLS, "%u calls in a row", calls);
}

static void test_no_gate(void)
{
	struct fault fault;

	tables_open_gate(TRAP_SYSCALL, ACCESS_TRAP_GATE, 0);
	user_run((uint32_t)task_trap, user_stack_top(), NULL, &fault);
	report(fault.vector == TRAP_PROTECTION
	       && fault.error == TRAP_SYSCALL * 8 + 2
	       && fault.frame.eip == (uint32_t)task_trap_call,
	       "without a gate for ring 3 the call is #GP");
}

int main(void)
{
	uint8_t vector = task_interrupt_call[1];

	tables_open_gate(TRAP_SYSCALL, ACCESS_TRAP_GATE, 3);
	tables_open_gate(vector, ACCESS_INTERRUPT_GATE, 3);
	trap_set_handler(TRAP_SYSCALL, note_call);
	trap_set_handler(vector, note_call);

	run("trap gate", task_trap);
	check_frame("trap gate", TRAP_SYSCALL, (uint32_t)task_trap_call + 2);
	check_return("trap gate");
	report_equal(seen_mask, EFLAGS_IF, "a trap gate leaves interrupts on");

	run("interrupt gate", task_interrupt);
	check_frame("interrupt gate", vector,
		    (uint32_t)task_interrupt_call + 2);
	check_return("interrupt gate");
	report_equal(seen_mask, 0, "an interrupt gate disables them");

	test_many();
	test_no_gate();
	return 0;
}
