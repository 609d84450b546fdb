/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: SYSENTER and SYSEXIT from both rings, with the kernel's own MSR values, null selectors, single step, and without them.
 * Environments: native bochs-native segment paged bochs bochs-paged
 * Variants: paging=32 paging=pae paging=off
 * Qemu: -icount shift=3,sleep=off
 */
#include "runtime.h"

#include "msr.h"
#include "vmi.h"

#define DR6_BS			0x4000u
#define CALLS			1000
#define LONG			3000000		/* more instructions than a tick has */

/* entry.asm: what the kernel's entry saw */
struct seen {
	uint32_t gs, fs, es, ds;
	uint32_t edi, esi, ebp, skipped_esp, ebx, edx, ecx, eax;
	uint32_t eflags, cs, ss, esp, mask;
};
extern struct seen seen;
extern uint32_t entered, linger;
extern const uint8_t sysenter_entry[], sysexit_site[];
void kernel_sysenter(void);

/* task_user.asm */
extern const uint8_t task_plain[], task_null[], task_nested[], task_step[], task_many[], task_sysenter[],
	task_plain_sysenter[];
extern struct {
	uint32_t gs, fs, es, ds;
	uint32_t edi, esi, ebp, esp, ebx, edx, ecx, eax;
	uint32_t eflags, cs, ss;
} after;

static void set_sysenter(uint32_t cs)
{
	vmi_wrmsr(MSR_SYSENTER_CS, cs);
	vmi_wrmsr(MSR_SYSENTER_ESP, trap_stack_top());
	vmi_wrmsr(MSR_SYSENTER_EIP, (uint32_t)sysenter_entry);
}

static void test_msrs(void)
{
	set_sysenter(SELECTOR_KERNEL_CODE);
	report_equal((uint32_t)vmi_rdmsr(MSR_SYSENTER_CS), SELECTOR_KERNEL_CODE, "SYSENTER_CS reads back");
	report_equal((uint32_t)vmi_rdmsr(MSR_SYSENTER_ESP), trap_stack_top(), "SYSENTER_ESP reads back");
	report_equal((uint32_t)vmi_rdmsr(MSR_SYSENTER_EIP), (uint32_t)sysenter_entry,
		     "SYSENTER_EIP reads back");
}

static void check_entry(const char *what, uint32_t data)
{
	report_equal(seen.cs & 0xffff, SELECTOR_KERNEL_CODE | cpu_ring(), "%s: CS", what);
	report_equal(seen.ss & 0xffff, SELECTOR_KERNEL_DATA | cpu_ring(), "%s: SS", what);
	report_equal(seen.esp, trap_stack_top(), "%s: ESP", what);
	report_equal(seen.mask, 0, "%s: interrupts are off", what);
	report(seen.eflags & EFLAGS_CF, "%s: the other flags are kept", what);
	report(seen.eax == 0xa0000001 && seen.ebx == 0xb0000004 && seen.ebp == 0xe0000005
	       && seen.esi == 0x50000006 && seen.edi == 0xf0000007, "%s: the arguments arrive", what);
	report((seen.ds & 0xffff) == data && (seen.es & 0xffff) == data, "%s: DS and ES", what);
}

static void check_return(const char *what, const struct fault *fault, uint32_t data)
{
	report_equal(fault->vector, TRAP_USER_EXIT, "%s: the task ends", what);
	report_equal(after.cs & 0xffff, USER_CS, "%s: CS after SYSEXIT", what);
	report_equal(after.ss & 0xffff, USER_SS, "%s: SS after SYSEXIT", what);
	report_equal(after.esp, user_stack_top() - 16, "%s: ESP after SYSEXIT", what);
	report(after.eflags & EFLAGS_IF, "%s: interrupts are on", what);
	report(after.eax == 0xa0000001 && after.ebx == 0xb0000004 && after.ebp == 0xe0000005
	       && after.esi == 0x50000006 && after.edi == 0xf0000007
	       && (after.ds & 0xffff) == data && (after.es & 0xffff) == data
	       && (after.fs & 0xffff) == data && (after.gs & 0xffff) == data,
	       "%s: all other registers are kept", what);
}

static void test_user(const char *what, const uint8_t *task, uint32_t data)
{
	struct fault fault;

	user_run((uint32_t)task, user_stack_top() - 16, NULL, &fault);
	check_entry(what, data);
	check_return(what, &fault, data);
}

/* SYSENTER and SYSEXIT do not look at NT: it comes with the task and goes with it. */
static void test_nested(const char *what)
{
	test_user(what, task_nested, USER_SS);
	report(seen.eflags & EFLAGS_NT && after.eflags & EFLAGS_NT, "%s: NT is kept", what);
}

/* An interrupt is waiting when the kernel leaves. */
static void test_pending(void)
{
	linger = LONG;
	pit_start(1000);
	test_user("a tick waits", task_plain, USER_SS);
	test_nested("a tick waits, NT");
	vmi_disable_interrupts();
	report(pit_ticks() >= 2, "%u ticks have come", pit_ticks());
	pit_stop();
	linger = 0;
}

static uint32_t step_eip, step_cs, step_flags, step_mask, step_dr6, steps;

/* The first step is the one over SYSENTER: note it and step no more. */
static bool take_step(struct trap_frame *frame)
{
	steps++;
	step_eip = frame->eip;
	step_cs = frame->cs & 0xffff;
	step_flags = frame->eflags;
	step_mask = vmi_get_interrupt_mask();
	step_dr6 = vmi_get_dr6();
	vmi_set_dr6(0);
	frame->eflags &= ~EFLAGS_TF;
	return true;
}

static void test_step(void)
{
	struct fault fault;

	vmi_set_dr6(0);
	trap_set_handler(TRAP_DEBUG, take_step);
	user_run((uint32_t)task_step, user_stack_top() - 16, NULL, &fault);
	trap_set_handler(TRAP_DEBUG, NULL);
	report_equal(steps, 1, "TF over SYSENTER: one #DB");
	report_equal(step_eip, (uint32_t)sysenter_entry, "TF over SYSENTER: at the kernel's entry");
	report_equal(step_cs, SELECTOR_KERNEL_CODE | cpu_ring(), "TF over SYSENTER: CS");
	report(step_flags & EFLAGS_TF && !(step_flags & EFLAGS_IF), "TF over SYSENTER: EFLAGS %x",
	       step_flags);
	report_equal(step_mask, 0, "TF over SYSENTER: interrupts are off");
	report_equal(step_dr6 & 0xe00f, DR6_BS, "TF over SYSENTER: DR6");
	report_equal(fault.vector, TRAP_USER_EXIT, "TF over SYSENTER: the task ends");
}

static void test_kernel(void)
{
	entered = 0;
	vmi_set_interrupt_mask(EFLAGS_IF);
	kernel_sysenter();
	vmi_disable_interrupts();
	report_equal(entered, 1, "from the kernel: it is entered");
	check_entry("from the kernel", SELECTOR_KERNEL_DATA | cpu_ring());
}

static void test_many(void)
{
	struct trap_frame registers = { .ebx = CALLS };
	struct fault fault;

	entered = 0;
	user_run((uint32_t)task_many, user_stack_top() - 16, &registers, &fault);
	report(fault.vector == TRAP_USER_EXIT && entered == CALLS, "%u calls in a row", entered);
}

static void sysexit(void *unused)
{
	(void)unused;
	((void (*)(void))sysexit_site)();
}

/* SYSENTER_CS 0 (SDM vol. 2, SYSENTER and SYSEXIT): #GP(0) at the instruction. */
static void test_null(void)
{
	/* The native body begins with an STI. */
	uint32_t site = (uint32_t)sysexit_site + !platform_is_vmi();
	struct fault fault;

	set_sysenter(0);
	user_run((uint32_t)task_plain, user_stack_top() - 16, NULL, &fault);
	report(fault.vector == TRAP_PROTECTION && fault.error == 0
	       && fault.frame.eip == (uint32_t)task_plain_sysenter
	       && fault.frame.edi == 0xf0000007, "SYSENTER_CS 0: SYSENTER faults");
	expect_fault(sysexit, NULL, &fault);
	report(fault.vector == TRAP_PROTECTION && fault.error == 0
	       && fault.frame.eip == site,
	       "SYSENTER_CS 0: SYSEXIT faults: %s, error %x, eip %x, want %x", trap_name(fault.vector),
	       fault.error, fault.frame.eip, site);
	set_sysenter(SELECTOR_KERNEL_CODE);
}

int main(void)
{
	if (!(cpu_features() & CPUID_1_EDX_SEP)) {
		report_skip("no SYSENTER");
		return 0;
	}
	test_msrs();
	test_user("SYSENTER", task_plain, USER_SS);
	test_user("null segments", task_null, 0);
	test_nested("NT");
	test_pending();
	test_step();
	test_kernel();
	test_many();
	test_null();
	test_user("again", task_plain, USER_SS);
	return 0;
}
