/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: breakpoints, single step and the debug registers, for kernel and user, called and raw.
 * Environments: native bochs-native segment paged bochs bochs-paged
 */
#include "runtime.h"

#include "vmi.h"

#include "base/hole.h"

#define DR6_CLEAR	0xffff0ff0u
#define DR6_BD		0x2000u
#define DR6_BS		0x4000u
#define DR6_KNOWN	0xe00fu
#define DR7_FIXED	0x400u
#define DR7_GD		0x2000u
#define DR7_ON(n)	(2u << (n) * 2)
#define DR7_EXECUTE(n)	DR7_ON(n)
#define DR7_WRITE(n)	(DR7_ON(n) | 0xdu << (16 + (n) * 4))	/* four bytes */
#define DR7_ACCESS(n)	(DR7_ON(n) | 0xfu << (16 + (n) * 4))
#define DR7_IO(n)	(DR7_ON(n) | 0x2u << (16 + (n) * 4))	/* one byte */
#define POST_PORT	0x80

/* code_user.asm: instructions to stop at; the second label is after it */
extern const uint8_t code_execute[], code_execute_at[], code_write[], code_write_after[],
	code_read[], code_read_after[], code_mov_ss[], code_mov_ss_after[], code_mov_ss_ud[], code_ud[],
	code_nops[];
extern const uint8_t emulated_cli_after[], emulated_in_after[], emulated_stop[];
extern uint32_t watched;

static struct {
	uint32_t count, eip, cs, eflags, dr6;
} seen;

/* Notes the first; goes on past a breakpoint of the instruction's. */
static bool take(struct trap_frame *frame)
{
	if (seen.count++ == 0) {
		seen.eip = frame->eip;
		seen.cs = frame->cs & 0xffff;
		seen.eflags = frame->eflags;
		seen.dr6 = vmi_get_dr6();
	}
	vmi_set_dr6(0);
	frame->eflags |= EFLAGS_RF;
	frame->eflags &= ~EFLAGS_TF;
	return true;
}

static void arm(unsigned number, uint32_t address, uint32_t dr7)
{
	memset(&seen, 0, sizeof(seen));
	vmi_set_dr6(0);
	vmi_set_dr(number, address);
	vmi_set_dr7(DR7_FIXED | dr7);
}

static void check(const char *what, uint32_t eip, uint32_t cs, uint32_t dr6)
{
	uint32_t dr7 = vmi_get_dr7();

	vmi_set_dr7(DR7_FIXED);
	if (report(seen.count == 1 && seen.eip == eip && seen.cs == cs
		   && (seen.dr6 & DR6_KNOWN) == dr6, "%s", what))
		return;
	print("  got %u, eip %x, cs %x, dr6 %x, dr7 %x\n", seen.count, seen.eip, seen.cs, seen.dr6, dr7);
	print("  want 1, eip %x, cs %x, dr6 %x\n", eip, cs, dr6);
}

/* ---- the registers ---- */

static uint32_t read_raw_dr3(void)
{
	uint32_t value;

	__asm__ volatile("movl %%db3, %0" : "=r" (value));
	return value;
}

static void read_dr4(void *result)
{
	__asm__ volatile("movl %%db4, %%eax; movl %%eax, (%0)" : : "r" (result) : "eax", "memory");
}

static void write_dr3(void *value)
{
	__asm__ volatile("movl %0, %%db3" : : "r" (value));
}

static void test_registers(void)
{
	uint32_t alias = 0;
	struct fault fault;

	vmi_set_dr0(0x11111111);
	vmi_set_dr1(0x22222222);
	vmi_set_dr2(0x33333333);
	write_dr3((void *)0x44444444);
	report(vmi_get_dr0() == 0x11111111 && vmi_get_dr1() == 0x22222222
	       && vmi_get_dr2() == 0x33333333 && read_raw_dr3() == 0x44444444, "DR0 to DR3 read back");
	vmi_set_dr6(0);
	report_equal(vmi_get_dr6(), DR6_CLEAR, "DR6 has its fixed bits");
	vmi_set_dr7(0);
	report_equal(vmi_get_dr7(), DR7_FIXED, "DR7 has its fixed bit");
	report(!expect_fault(read_dr4, &alias, &fault) && alias == DR6_CLEAR, "DR4 is DR6");
	vmi_set_cr4(vmi_get_cr4() | CR4_DE);
	expect_fault(read_dr4, &alias, &fault);
	report_equal(fault.vector, TRAP_INVALID_OPCODE, "DR4 with CR4.DE");
	vmi_set_cr4(vmi_get_cr4() & ~CR4_DE);
}

static void test_general_detect(void)
{
	struct fault fault;

	vmi_set_dr6(0);
	vmi_set_dr7(DR7_FIXED | DR7_GD);
	trap_set_handler(TRAP_DEBUG, NULL);
	expect_fault(write_dr3, NULL, &fault);
	trap_set_handler(TRAP_DEBUG, take);
	if (!platform_is_vmi() && fault.vector == NO_FAULT) {
		vmi_set_dr7(DR7_FIXED);		/* TCG has no DR7.GD */
		return;
	}
	report(fault.vector == TRAP_DEBUG && *(const uint8_t *)fault.frame.eip == 0x0f,
	       "DR7.GD: %s at the access", trap_name(fault.vector));
	report_equal(vmi_get_dr6() & DR6_KNOWN, DR6_BD, "DR7.GD: DR6");
	report_equal(vmi_get_dr7(), DR7_FIXED, "DR7.GD is cleared");
	report_equal(read_raw_dr3(), 0x44444444, "and the access did not happen");
	vmi_set_dr6(0);
}

/* ---- breakpoints ---- */

static void run(const uint8_t *code, bool user)
{
	struct fault fault;

	if (user)
		user_run((uint32_t)code, user_stack_top(), NULL, &fault);
	else
		__asm__ volatile("call *%0" : : "r" (code) : "eax", "ecx", "edx", "memory");
}

static void test_breakpoints(bool user)
{
	uint32_t cs = user ? USER_CS : SELECTOR_KERNEL_CODE | cpu_ring();

	print("debug: %s\n", user ? "user" : "kernel");
	arm(0, (uint32_t)code_execute_at, DR7_EXECUTE(0));
	run(code_execute, user);
	check("execution", (uint32_t)code_execute_at, cs, 1);
	arm(1, (uint32_t)&watched, DR7_WRITE(1));
	run(code_write, user);
	check("a write", (uint32_t)code_write_after, cs, 2);
	arm(2, (uint32_t)&watched, DR7_ACCESS(2));
	run(code_read, user);
	check("a read", (uint32_t)code_read_after, cs, 4);
	arm(1, (uint32_t)&watched, DR7_WRITE(1));
	run(code_read, user);
	report_equal(seen.count, 0, "a read is no write");
	vmi_set_dr7(DR7_FIXED);
}

static void test_step(bool user)
{
	struct trap_frame registers = { .eflags = EFLAGS_TF };
	struct fault fault;

	arm(0, 0, 0);
	if (user)
		user_run((uint32_t)code_nops, user_stack_top(), &registers, &fault);
	else
		__asm__ volatile("pushfl; orl $0x100, (%%esp); popfl; nop" : : : "memory", "cc");
	report(seen.count == 1 && (seen.dr6 & DR6_KNOWN) == DR6_BS && seen.eflags & EFLAGS_TF
	       && (!user || seen.eip == (uint32_t)code_nops + 1), "a step of the %s: %u, dr6 %x, eip %x",
	       user ? "user" : "kernel", seen.count, seen.dr6, seen.eip);
}

/* Instructions that the monitor carries out are stepped over, and stopped at, like others. */
static void test_emulated(void)
{
	arm(0, 0, 0);
	__asm__ volatile("pushfl; orl $0x100, (%%esp); popfl; cli; .globl emulated_cli_after\n"
			 "emulated_cli_after: nop" : : : "memory", "cc");
	report(seen.count == 1 && seen.eip == (uint32_t)emulated_cli_after
	       && (seen.dr6 & DR6_KNOWN) == DR6_BS, "a step over CLI: %u, dr6 %x, eip %x", seen.count,
	       seen.dr6, seen.eip);
	arm(0, 0, 0);
	__asm__ volatile("pushfl; orl $0x100, (%%esp); popfl; inb %%dx, %%al; .globl emulated_in_after\n"
			 "emulated_in_after: nop" : : "d" (POST_PORT) : "eax", "memory", "cc");
	report(seen.count == 1 && seen.eip == (uint32_t)emulated_in_after
	       && (seen.dr6 & DR6_KNOWN) == DR6_BS, "a step over IN: %u, dr6 %x, eip %x", seen.count,
	       seen.dr6, seen.eip);
	arm(2, (uint32_t)emulated_stop, DR7_EXECUTE(2));
	__asm__ volatile(".globl emulated_stop\nemulated_stop: cli" : : : "memory", "cc");
	check("execution of CLI", (uint32_t)emulated_stop, SELECTOR_KERNEL_CODE | cpu_ring(), 4);
}

extern const char after_out[], after_in[];

/* The #DB comes behind the instruction, whoever has executed it, and nowhere else. */
static void test_io(void)
{
	uint32_t here, there;

	vmi_set_cr4(vmi_get_cr4() | CR4_DE);
	arm(3, POST_PORT, DR7_IO(3));
	__asm__ volatile("movl $1f, %0; jmp 2f; 1:; 2:" : "=r"(here));
	vmi_outb(0, POST_PORT);
	__asm__ volatile("movl $1f, %0; jmp 2f; 1:; 2:" : "=r"(there));
	vmi_set_dr7(DR7_FIXED);
	report(seen.count == 1 && (seen.dr6 & 0xf) == 8, "a port: %u, dr6 %x", seen.count, seen.dr6);
	report(seen.eip > here && seen.eip < there, "a port: at %x, between %x and %x", seen.eip, here,
	       there);
	arm(3, POST_PORT, DR7_IO(3));
	__asm__ volatile("outb %b0, %w1\n.globl after_out\nafter_out: nop; nop"
			 : : "a"(0), "d"(POST_PORT));
	check("a port, OUT", (uint32_t)after_out, SELECTOR_KERNEL_CODE | cpu_ring(), 8);
	arm(3, POST_PORT, DR7_IO(3));
	__asm__ volatile("inb %w1, %b0\n.globl after_in\nafter_in: nop; nop"
			 : "=a"(here) : "d"(POST_PORT));
	check("a port, IN", (uint32_t)after_in, SELECTOR_KERNEL_CODE | cpu_ring(), 8);
	vmi_set_cr4(vmi_get_cr4() & ~CR4_DE);
}

/* Under the monitor none is armed there, though all read back. */
static void test_hole(void)
{
	if (!platform_is_vmi())
		return;
	arm(0, VMI_HOLE_START_MIN + 0x10001, DR7_ACCESS(0));
	arm(1, HOLE_STACK, DR7_WRITE(1) | DR7_ACCESS(0));
	vmi_disable_interrupts();
	vmi_enable_interrupts();
	vmi_disable_interrupts();
	report_equal(seen.count, 0, "no breakpoint in the hole");
	report_equal(vmi_get_dr0(), VMI_HOLE_START_MIN + 0x10001, "but it reads back");
	report_equal(vmi_get_dr7(), DR7_FIXED | DR7_WRITE(1) | DR7_ACCESS(0), "so does DR7");
	vmi_set_dr7(DR7_FIXED);
}

/*
 * A data breakpoint at MOV SS is held back over the next instruction: an INT n,
 * whose handler it then meets (SDM vol. 3, 6.8.3).
 */
static uint32_t syscalls;

static bool count_call(struct trap_frame *frame)
{
	(void)frame;
	syscalls++;
	return true;
}

/* Goes on behind an UD2. */
static bool count_undefined(struct trap_frame *frame)
{
	frame->eip += 2;
	return count_call(frame);
}

/* TCG does not hold it back, Bochs forgets it. */
static void run_mov_ss(const uint8_t *code, const char *entry)
{
	struct fault fault;

	syscalls = 0;
	watched = USER_SS;
	arm(0, (uint32_t)&watched, DR7_ACCESS(0));
	user_run((uint32_t)code, user_stack_top(), NULL, &fault);
	vmi_set_dr7(DR7_FIXED);
	report(fault.vector == TRAP_USER_EXIT && syscalls == 1, "MOV SS and %s: the task goes on: %s", entry,
	       trap_name(fault.vector));
	report(seen.count <= 1, "MOV SS and %s: one #DB: %u, dr6 %x, at %x:%x", entry, seen.count, seen.dr6,
	       seen.cs, seen.eip);
}

static void test_mov_ss(void)
{
	trap_set_handler(TRAP_SYSCALL, count_call);
	tables_open_gate(TRAP_SYSCALL, ACCESS_INTERRUPT_GATE, 3);
	run_mov_ss(code_mov_ss, "an interrupt gate");
	tables_open_gate(TRAP_SYSCALL, ACCESS_TRAP_GATE, 3);
	run_mov_ss(code_mov_ss, "a trap gate");
	trap_set_handler(TRAP_INVALID_OPCODE, count_undefined);
	run_mov_ss(code_mov_ss_ud, "an exception");
	trap_set_handler(TRAP_INVALID_OPCODE, NULL);
}

/*
 * A data breakpoint where an exception's frame goes: the monitor meets it at
 * CPL 0, the guest then at its handler.  (TCG itself has it within the push,
 * and so without end.)
 */
static void test_frame(void)
{
	static uint8_t stack[4096];
	uint32_t top = (uint32_t)(stack + sizeof(stack));
	struct fault fault;

	if (!platform_is_vmi())
		return;
	trap_set_handler(TRAP_INVALID_OPCODE, count_undefined);
	tables_set_kernel_stack(top);
	syscalls = 0;
	arm(1, top - 4, DR7_WRITE(1));
	user_run((uint32_t)code_ud, user_stack_top(), NULL, &fault);
	vmi_set_dr7(DR7_FIXED);
	tables_set_kernel_stack(trap_stack_top());
	trap_set_handler(TRAP_INVALID_OPCODE, NULL);
	report(fault.vector == TRAP_USER_EXIT && syscalls == 1, "where frames go: the task goes on: %s",
	       trap_name(fault.vector));
	report(seen.count == 2 && (seen.dr6 & DR6_KNOWN) == 2
	       && seen.eip == (uint32_t)trap_stubs[TRAP_INVALID_OPCODE],
	       "where frames go: %u, dr6 %x, at %x:%x", seen.count, seen.dr6, seen.cs, seen.eip);
}

int main(void)
{
	trap_set_handler(TRAP_DEBUG, take);
	run(code_nops, true);	/* the first VMI_IRET: from then on frames have the kernel's ring */
	test_registers();
	test_general_detect();
	test_breakpoints(false);
	test_breakpoints(true);
	test_step(false);
	test_step(true);
	test_emulated();
	test_io();
	test_hole();
	test_mov_ss();
	test_frame();
	return 0;
}
