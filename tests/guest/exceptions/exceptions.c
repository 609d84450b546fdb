/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: every exception reaches the kernel's own handler, from both rings, with the frame that the hardware makes.
 * Environments: native bochs-native segment paged bochs
 * Variants: paging=32 paging=pae
 *
 * The cases are a table in cases_user.asm. The kernel's run twice, with
 * interrupts off and on: the image of EFLAGS must show which.
 */
#include "exceptions.h"

#include "runtime.h"

#include "vmi.h"

static bool registers_right(const struct trap_frame *frame)
{
	return frame->ebx == PATTERN_EBX && frame->esi == PATTERN_ESI
	       && frame->edi == PATTERN_EDI;
}

static bool kernel_frame_right(const struct fault *fault, uint32_t mask)
{
	const struct trap_frame *frame = &fault->frame;

	return (frame->cs & 0xffff) == (SELECTOR_KERNEL_CODE | cpu_ring())
	       && fault->esp == frame->ebp
	       && (frame->eflags & EFLAGS_IF) == mask;
}

static bool user_frame_right(const struct fault *fault)
{
	const struct trap_frame *frame = &fault->frame;

	return (frame->cs & 0xffff) == USER_CS
	       && (frame->ss & 0xffff) == USER_SS
	       && (frame->ds & 0xffff) == USER_SS
	       && frame->esp == frame->ebp
	       && fault->frame_at == trap_stack_top() - sizeof(*frame)
	       && frame->eflags & EFLAGS_IF;
}

static void check(const struct fault_case *fault_case,
		  const struct fault *fault, unsigned int ring, uint32_t mask)
{
	const struct trap_frame *frame = &fault->frame;
	uint32_t error = fault_case->error | case_error;
	uint32_t cr2 = fault_case->vector == TRAP_PAGE ? TEST_ADDRESS : 0;
	bool right = fault->vector == fault_case->vector
		     && fault->error == error && fault->cr2 == cr2
		     && frame->eip == fault_case->at
		     && fault->handler_mask == 0 && registers_right(frame);

	if (ring == 3)
		right = right && user_frame_right(fault);
	else
		right = right && kernel_frame_right(fault, mask);
	if (report(right, "%s, from the %s, interrupts %s", fault_case->name,
		   ring == 3 ? "user" : "kernel", mask ? "on" : "off"))
		return;
	print("  got %s, error %x, cr2 %x, eip %x, cs %x, eflags %x, esp %x, "
	      "ebp %x, mask %x\n", trap_name(fault->vector), fault->error,
	      fault->cr2, frame->eip, frame->cs, frame->eflags, fault->esp,
	      frame->ebp, fault->handler_mask);
	print("  want %s, error %x, cr2 %x, eip %x\n",
	      trap_name(fault_case->vector), error, cr2, fault_case->at);
}

static void run_in_kernel(const struct fault_case *fault_case, uint32_t mask)
{
	clean_up clean_up;
	struct fault fault;

	clean_up = fault_case->prepare(fault_case, 0);
	vmi_set_interrupt_mask(mask);
	expect_fault(fault_case->run, NULL, &fault);
	vmi_disable_interrupts();
	clean_up();
	check(fault_case, &fault, 0, mask);
}

static void run_in_user(const struct fault_case *fault_case)
{
	clean_up clean_up;
	struct fault fault;

	clean_up = fault_case->prepare(fault_case, 3);
	user_run((uint32_t)fault_case->run, user_stack_top(), NULL, &fault);
	clean_up();
	check(fault_case, &fault, 3, EFLAGS_IF);
}

/* An instruction fetch faults at its target, with CR2 the same. */
static void test_fetch(void)
{
	struct fault fault;

	expect_fault((void (*)(void *))TEST_ADDRESS, NULL, &fault);
	report(fault.vector == TRAP_PAGE && fault.frame.eip == TEST_ADDRESS
	       && fault.cr2 == TEST_ADDRESS && fault.error == 0,
	       "a fetch from an absent page, from the kernel");

	user_run(TEST_ADDRESS, user_stack_top(), NULL, &fault);
	report(fault.vector == TRAP_PAGE && fault.frame.eip == TEST_ADDRESS
	       && fault.cr2 == TEST_ADDRESS && fault.error == PAGE_ERROR_USER,
	       "a fetch from an absent page, from the user");
}

/* A trap gate leaves the interrupt flag alone. */
static void test_trap_gate(void)
{
	struct fault fault;

	tables_open_gate(TRAP_INVALID_OPCODE, ACCESS_TRAP_GATE, 0);
	vmi_enable_interrupts();
	expect_fault(case_undefined, NULL, &fault);
	report_equal(fault.handler_mask, EFLAGS_IF,
		     "a trap gate leaves interrupts on");
	vmi_disable_interrupts();
	expect_fault(case_undefined, NULL, &fault);
	report_equal(fault.handler_mask, 0, "a trap gate leaves them off");
	user_run((uint32_t)case_undefined, user_stack_top(), NULL, &fault);
	report_equal(fault.handler_mask, EFLAGS_IF,
		     "a trap gate leaves the user's on");
	tables_open_gate(TRAP_INVALID_OPCODE, ACCESS_INTERRUPT_GATE, 0);
}

static void return_to(void *argument)
{
	struct trap_frame frame = {
		.ds = USER_SS, .es = USER_SS, .fs = USER_SS, .gs = USER_SS,
		.ebx = PATTERN_EBX, .esi = PATTERN_ESI, .edi = PATTERN_EDI,
		.eip = TEST_ADDRESS, .eflags = EFLAGS_FIXED | EFLAGS_IF,
		.esp = user_stack_top(), .ss = USER_SS,
	};

	frame.cs = *(const uint32_t *)argument;
	trap_leave(&frame);
}

/* A return that faults does so at the IRET, with the frame still there. */
static void test_bad_return(void)
{
	uint32_t selectors[] = {
		GDT_ENTRIES * 8 | 3, SELECTOR_USER_DATA | 3, SELECTOR_TSS | 3,
	};
	struct fault fault;
	unsigned int i;

	for (i = 0; i < sizeof(selectors) / sizeof(selectors[0]); i++) {
		expect_fault(return_to, &selectors[i], &fault);
		report(fault.vector == TRAP_PROTECTION
		       && fault.error == (selectors[i] & ~3u)
		       && fault.frame.eip == (uint32_t)trap_iret
		       && (fault.frame.cs & 3) == cpu_ring()
		       && registers_right(&fault.frame)
		       && ((uint32_t *)fault.esp)[0] == TEST_ADDRESS
		       && ((uint32_t *)fault.esp)[1] == selectors[i],
		       "an IRET to CS %x faults at its own address",
		       selectors[i]);
	}
}

static bool take_breakpoint(struct trap_frame *frame)
{
	frame->eax++;
	return true;
}

/*
 * A handler that returns. It is also the first VMI_IRET: until then frames
 * may show the kernel's selectors with RPL 0, for kernels that do not call.
 */
static void test_return(void)
{
	uint32_t value = 41;

	trap_set_handler(TRAP_BREAKPOINT, take_breakpoint);
	__asm__ volatile("int3" : "+a" (value) : : "memory");
	trap_set_handler(TRAP_BREAKPOINT, NULL);
	report_equal(value, 42, "a handler returns");
}

int main(void)
{
	const struct fault_case *fault_case;

	test_return();
	prepare_init();
	for (fault_case = fault_cases; fault_case < fault_cases_end;
	     fault_case++) {
		if (fault_case->rings & 1u << 0) {
			run_in_kernel(fault_case, 0);
			run_in_kernel(fault_case, EFLAGS_IF);
		}
		if (fault_case->rings & 1u << 3)
			run_in_user(fault_case);
	}
	test_fetch();
	test_trap_gate();
	test_bad_return();
	return 0;
}
