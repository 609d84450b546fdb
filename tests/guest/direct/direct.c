/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: a trap gate for ring 3 enters the kernel directly, in as many instructions as natively, and follows every change.
 * Environments: native bochs-native segment paged bochs bochs-paged
 * Variants: paging=32 paging=pae
 * Qemu: -icount shift=0,sleep=off
 */
#include "runtime.h"

#include "statistic.h"
#include "vmi.h"

#define VECTOR		0x90	/* its handler is an IRET */
#define CALLS		1000
#define SELECTOR_CODE	SELECTOR_SPARE
#define OTHER_STACK	4096

/* task_user.asm */
extern const uint8_t task_count[], task_call[], task_call_at[], task_syscall[],
	task_disabled[];
extern uint32_t count_cost;

/* handler.asm */
extern const uint8_t handler_iret[];

static uint8_t other_stack[OTHER_STACK] __attribute__((aligned(PAGE_SIZE)));
static uint32_t handled, handled_at, handled_mask;

static void set_gate(uint16_t selector, uint32_t access)
{
	tables_set_gate(VECTOR, descriptor_gate((uint32_t)handler_iret, selector, access));
}

static void run(const uint8_t *task, struct fault *fault)
{
	user_run((uint32_t)task, user_stack_top(), NULL, fault);
}

/* Entries into the monitor for INT n of ring 3, or 0 natively. */
/* What the loop takes besides INT and IRET: its own three. */
static void test_cost(void)
{
	struct fault fault;
	uint32_t before;

	run(task_count, &fault);	/* page faults, translation */
	before = statistic("soft-int");
	run(task_count, &fault);
	report_equal(fault.vector, TRAP_USER_EXIT, "the task ends");
	report(count_cost >= CALLS * 4 && count_cost < CALLS * 4 + 20,
	       "%u calls and returns take two instructions each: %u in all", CALLS, count_cost);
	/* The task's end is an interrupt gate's. */
	report_equal(statistic("soft-int") - before, platform_is_vmi(), "no call meets the monitor");
}

static void check_refused(const char *what, uint32_t vector, uint32_t error)
{
	struct fault fault;

	run(task_call, &fault);
	report(fault.vector == vector && fault.error == error
	       && fault.frame.eip == (uint32_t)task_call_at,
	       "%s: %s, error %x, eip %x", what, trap_name(fault.vector), fault.error,
	       fault.frame.eip);
}

static void check_accepted(const char *what)
{
	struct fault fault;

	run(task_call, &fault);
	report(fault.vector == TRAP_USER_EXIT, "%s: %s, error %x", what,
	       trap_name(fault.vector), fault.error);
}

static void test_changes(void)
{
	uint32_t gate = ACCESS_PRESENT | ACCESS_DPL(3) | ACCESS_TRAP_GATE;

	set_gate(SELECTOR_KERNEL_CODE, ACCESS_PRESENT | ACCESS_TRAP_GATE);
	check_refused("a gate of DPL 0", TRAP_PROTECTION, VECTOR * 8 + 2);
	set_gate(SELECTOR_KERNEL_CODE, ACCESS_DPL(3) | ACCESS_TRAP_GATE);
	check_refused("a gate that is not present", TRAP_NOT_PRESENT, VECTOR * 8 + 2);
	set_gate(SELECTOR_CODE, gate);
	check_refused("a gate to no segment", TRAP_PROTECTION, SELECTOR_CODE);
	tables_set_segment(SELECTOR_CODE, tables_gdt()[SELECTOR_KERNEL_CODE / 8]);
	check_accepted("its segment comes");
	tables_set_segment(SELECTOR_CODE, tables_gdt()[SELECTOR_KERNEL_CODE / 8]
			   & ~((uint64_t)ACCESS_PRESENT << 40));
	check_refused("its segment is not present", TRAP_NOT_PRESENT, SELECTOR_CODE);
	tables_set_segment(SELECTOR_CODE, tables_gdt()[SELECTOR_KERNEL_DATA / 8]);
	check_refused("its segment is data", TRAP_PROTECTION, SELECTOR_CODE);
	tables_set_segment(SELECTOR_CODE, 0);
	set_gate(0, gate);
	check_refused("a null selector", TRAP_PROTECTION, 0);
	set_gate(SELECTOR_KERNEL_CODE, gate);
	check_accepted("the gate as it was");
}

static bool handle(struct trap_frame *frame)
{
	handled++;
	handled_at = (uint32_t)frame;
	handled_mask = vmi_get_interrupt_mask();
	frame->eax++;
	return true;
}

static void test_stack(void)
{
	uint32_t top = (uint32_t)other_stack + OTHER_STACK;
	struct fault fault;

	tables_open_gate(TRAP_SYSCALL, ACCESS_TRAP_GATE, 3);
	trap_set_handler(TRAP_SYSCALL, handle);
	run(task_syscall, &fault);
	report_equal(handled_at, trap_stack_top() - sizeof(struct trap_frame), "the kernel's stack");
	tables_set_kernel_stack(top);
	run(task_syscall, &fault);
	report_equal(handled_at, top - sizeof(struct trap_frame), "the kernel's other stack");
	tables_set_kernel_stack(trap_stack_top());
	report_equal(handled_mask, EFLAGS_IF, "interrupts are on in the handler");
	tables_open_gate(TRAP_SYSCALL, ACCESS_INTERRUPT_GATE, 3);
	run(task_syscall, &fault);
	report_equal(handled_mask, 0, "an interrupt gate turns them off");
	tables_open_gate(TRAP_SYSCALL, ACCESS_TRAP_GATE, 3);
	run(task_syscall, &fault);
	report_equal(handled_mask, EFLAGS_IF, "a trap gate does not");
}

static bool clear_user_if(struct trap_frame *frame)
{
	frame->eflags &= ~EFLAGS_IF;
	return true;
}

/* VMI_IRET to ring 3 with IF clear: the monitor sets it, hardware would not. */
static void test_disabled(void)
{
	struct fault fault;

	trap_set_handler(TRAP_BREAKPOINT, clear_user_if);
	run(task_disabled, &fault);
	trap_set_handler(TRAP_BREAKPOINT, NULL);
	report_equal(handled_mask, platform_is_vmi() ? EFLAGS_IF : 0,
		     "ring 3 entered with interrupts off calls");
}

/* The kernel may use the gate, too; its frame then shows IF set (docs/abi.md, section 10). */
static void test_kernel(void)
{
	uint32_t value = 41;

	handled = 0;
	trap_set_handler(TRAP_SYSCALL, handle);
	vmi_disable_interrupts();
	__asm__ volatile("int $0x80" : "+a" (value) : : "memory");
	report(value == 42 && handled == 1 && handled_mask == 0, "the kernel's own INT");
	vmi_disable_interrupts();
}

int main(void)
{
	set_gate(SELECTOR_KERNEL_CODE, ACCESS_PRESENT | ACCESS_DPL(3) | ACCESS_TRAP_GATE);
	check_accepted("the first VMI_IRET");
	test_cost();
	test_changes();
	test_stack();
	test_disabled();
	test_kernel();
	return 0;
}
