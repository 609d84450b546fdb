/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: what happens at CPL 0 because the guest willed it: task gates, NT, double faults, bad stacks and tables reach the guest, or stop it.
 * Environments: segment paged bochs bochs-paged
 *
 * The word `end=NAME` runs one of the ends instead: what would be a triple fault
 * of the processor's (tests/test_ends.py expects it, with the monitor's dump).
 */
#include "runtime.h"

#include "msr.h"
#include "vmi.h"
#include "vmi_guest.h"

#include "base/hole.h"

#define VECTOR			0x90
#define ACCESS_TASK_GATE	0x05
#define ABSENT			0x40000000u

/* task_user.asm */
extern const uint8_t task_undefined[], task_sysenter[], task_step_sysenter[], task_null_return[];

static void undefined(void *unused)
{
	(void)unused;
	__asm__ volatile("ud2");
}

static void interrupt(void *unused)
{
	(void)unused;
	__asm__ volatile("int %0" : : "i" (VECTOR));
}

static void run(const uint8_t *task)
{
	struct fault fault;

	user_run((uint32_t)task, user_stack_top(), NULL, &fault);
}

static void set_task_gate(uint8_t vector)
{
	tables_set_gate(vector, descriptor_gate(0, SELECTOR_TSS, ACCESS_PRESENT | ACCESS_DPL(3)
						| ACCESS_TASK_GATE));
}

/* ---- ends ---- */

static void end_idt(void)
{
	struct vmi_dtr idtr = { .limit = 0, .base = (uint32_t)tables_idt() };

	vmi_set_idt(&idtr);
	undefined(NULL);
}

static void end_absent_idt(void)
{
	struct vmi_dtr idtr = { .limit = 0x7ff, .base = ABSENT };

	vmi_set_idt(&idtr);
	undefined(NULL);
}

static void read_debug_register(void *unused)
{
	(void)unused;
	__asm__ volatile("mov %%dr0, %%eax" : : : "eax");
}

/*
 * The IDT is on a page that the monitor never maps, and reads as ones.  A fault that was
 * delivered before, of a benign kind, must not be taken for one of this IDT's.
 */
static void end_closed_idt(void)
{
	struct vmi_dtr idtr = { .limit = 0x7ff, .base = ABSENT };
	struct fault fault;

	paging_map(ABSENT, 0xfee00000u, PTE_PRESENT | PTE_WRITE | PTE_UNCACHED);
	vmi_set_dr7(0x2400);	/* GD */
	expect_fault(read_debug_register, NULL, &fault);
	report_equal(fault.vector, 1, "a debug exception before");
	vmi_set_idt(&idtr);
	undefined(NULL);
}

static void end_stack(void)
{
	__asm__ volatile("movl %0, %%esp; ud2" : : "r" (ABSENT + 0x800));
}

static void end_hole_stack(void)
{
	__asm__ volatile("movl %0, %%esp; ud2" : : "r" (HOLE_CPU + 0x800));
}

static void end_kernel_stack(void)
{
	tables_set_kernel_stack(ABSENT + 0x800);
	run(task_undefined);
}

static void end_no_kernel_stack(void)
{
	tables_set_kernel_stack(trap_stack_top());
	vmi_update_kernel_stack((void *)0, trap_stack_top());
	run(task_undefined);
}

static void end_task_gate(void)
{
	tables_set_gate(TRAP_INVALID_OPCODE, 0);
	set_task_gate(TRAP_DOUBLE_FAULT);
	tables_set_gate(TRAP_NOT_PRESENT, 0);
	tables_set_gate(TRAP_PROTECTION, 0);
	undefined(NULL);
}

static void end_stack_segment(void)
{
	tables_set_segment(SELECTOR_KERNEL_DATA, 0);
	undefined(NULL);
}

static void end_code_segment(void)
{
	tables_set_segment(SELECTOR_KERNEL_CODE, 0);
	undefined(NULL);
}

static void set_sysenter(uint32_t cs, uint32_t esp)
{
	vmi_wrmsr(MSR_SYSENTER_CS, cs);
	vmi_wrmsr(MSR_SYSENTER_ESP, esp);
	vmi_wrmsr(MSR_SYSENTER_EIP, (uint32_t)task_undefined);
}

static void end_sysenter_segment(void)
{
	set_sysenter(GDT_ENTRIES * 8, trap_stack_top());
	run(task_sysenter);
}

static void end_sysenter_stack(void)
{
	set_sysenter(SELECTOR_KERNEL_CODE, ABSENT + 0x800);
	run(task_sysenter);
}

static void end_step_stack(void)
{
	set_sysenter(SELECTOR_KERNEL_CODE, ABSENT + 0x800);
	run(task_step_sysenter);
}

/* Page tables that are no RAM's, the monitor's, the ROM's. */
static void end_root(void)
{
	vmi_set_cr3(0x80000000);
}

static void end_monitor_root(void)
{
	vmi_set_cr3((boot_upper_bytes() + 0x100000 + 0x200000) & ~0xfffu);
}

static void end_rom_root(void)
{
	vmi_set_cr3(0xf0000);
}

static const struct {
	const char *name;
	void (*run)(void);
} ends[] = {
	{ "idt", end_idt },
	{ "absent-idt", end_absent_idt },
	{ "closed-idt", end_closed_idt },
	{ "stack", end_stack },
	{ "hole-stack", end_hole_stack },
	{ "kernel-stack", end_kernel_stack },
	{ "no-kernel-stack", end_no_kernel_stack },
	{ "task-gate", end_task_gate },
	{ "stack-segment", end_stack_segment },
	{ "code-segment", end_code_segment },
	{ "sysenter-segment", end_sysenter_segment },
	{ "sysenter-stack", end_sysenter_stack },
	{ "step-stack", end_step_stack },
	{ "root", end_root },
	{ "monitor-root", end_monitor_root },
	{ "rom-root", end_rom_root },
};

/* ---- what the guest is told ---- */

static void check(void (*function)(void *), uint32_t vector, uint32_t error, const char *what)
{
	struct fault fault;

	expect_fault(function, NULL, &fault);
	report(fault.vector == vector && fault.error == error, "%s: %s, error %x", what,
	       trap_name(fault.vector), fault.error);
}

static void nested_return(void *unused)
{
	(void)unused;
	__asm__ volatile("pushfl; pushl %0; pushl $1f; pushfl; orl %1, (%%esp); popfl; iret; 1: addl $4, %%esp"
			 : : "r" ((uint32_t)read_cs()), "i" (EFLAGS_NT) : "memory", "cc");
}

static void test_gates(void)
{
	uint64_t gate = tables_idt()[TRAP_INVALID_OPCODE];

	set_task_gate(VECTOR);
	check(interrupt, TRAP_PROTECTION, VECTOR * 8 + 2, "a task gate by INT n");
	set_task_gate(TRAP_INVALID_OPCODE);
	check(undefined, TRAP_PROTECTION, TRAP_INVALID_OPCODE * 8 + 3, "a task gate for an exception");
	tables_set_gate(TRAP_INVALID_OPCODE, gate);
	tables_set_gate(TRAP_PROTECTION, 0);
	set_task_gate(TRAP_INVALID_OPCODE);
	check(undefined, TRAP_DOUBLE_FAULT, 0, "a task gate for an exception, and no gate for #GP");
	tables_set_gate(TRAP_INVALID_OPCODE, gate);
	tables_open_gate(TRAP_PROTECTION, ACCESS_INTERRUPT_GATE, 0);
}

static void test_nested_task(void)
{
	check(nested_return, TRAP_INVALID_TSS, 0, "IRET with NT in the kernel");
}

struct far_pointer {
	uint32_t offset, selector;
};

/* Takes the segment that it runs in from itself. */
static void remove_own_code(void *unused)
{
	static struct far_pointer inside;
	uint32_t eax = (uint32_t)tables_gdt(), edx = SELECTOR_SPARE / 8, ecx = 0;

	(void)unused;
	inside.selector = SELECTOR_SPARE | cpu_ring();
	__asm__ volatile("movl $1f, %[inside]\n\t"
			 "lcall *%[inside]\n\t"
			 "1: pushl $0; call *%[entry]\n\t"
			 "ud2"
			 : "+a" (eax), "+d" (edx), "+c" (ecx), [inside] "+m" (inside)
			 : [entry] "S" (vmi_entry(VMI_CALL_WriteGDTEntry)) : "memory", "cc");
}

static void test_code_goes(void)
{
	tables_set_segment(SELECTOR_SPARE, tables_gdt()[SELECTOR_KERNEL_CODE / 8]);
	check(remove_own_code, TRAP_PROTECTION, SELECTOR_SPARE, "the code segment goes");
}

/* All four data segments go while they are loaded, which the guest is not told. */
static void test_unloadable(void)
{
	uint64_t flat = tables_gdt()[SELECTOR_KERNEL_DATA / 8];
	uint32_t ds = (uint32_t)tables_gdt(), es = SELECTOR_SPARE / 8;
	uint32_t fs = vmi_entry(VMI_CALL_WriteGDTEntry), gs = SELECTOR_SPARE | cpu_ring(), ecx = 0;

	tables_set_segment(SELECTOR_SPARE, flat);
	__asm__ volatile("movl %3, %%ds; movl %3, %%es; movl %3, %%fs; movl %3, %%gs\n\t"
			 "pushl $0; call *%2; popl %%ecx\n\t"
			 "movl %%ds, %0; movl %%es, %1; movl %%fs, %2; movl %%gs, %3\n\t"
			 "movl %%ss, %%ecx; movl %%ecx, %%ds; movl %%ecx, %%es"
			 : "+a" (ds), "+d" (es), "+S" (fs), "+D" (gs), "+c" (ecx) : : "memory", "cc");
	report_equal((ds | es | fs | gs) & 0xffff, 0, "segments that cannot be loaded are null");
}

/* Ring 3 with null segments and back: what cannot be loaded is null, not a fault. */
static void test_null(void)
{
	struct fault fault;

	user_run((uint32_t)task_null_return, user_stack_top(), NULL, &fault);
	report(fault.vector == TRAP_USER_EXIT && !(fault.frame.ds & 0xffff) && !(fault.frame.es & 0xffff),
	       "a user with null segments");
}

int main(void)
{
	unsigned i;

	run(task_null_return);		/* the first VMI_IRET */
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (boot_word_is("end", ends[i].name)) {
			ends[i].run();
			report(false, "end %s: still here", ends[i].name);
		}
	test_gates();
	test_nested_task();
	test_code_goes();
	test_unloadable();
	test_null();
	return 0;
}
