/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: TS, EM, MP and NE mean what they do on hardware: #NM, #MF, IRQ 13, lazy switching; and SSE with OSFXSR.
 * Environments: native bochs-native segment paged bochs
 */
#include "runtime.h"

#include "vmi.h"

#define CR4_OSXMMEXCPT	0x400u
#define CPUID_1_EDX_FXSR 0x01000000u
#define CPUID_1_EDX_SSE	0x02000000u
#define TRAP_SIMD	19
#define FPU_IRQ		13
#define FPU_CLEAR	0xf0
#define FW_CFG_SELECT	0x510
#define FW_CFG_DATA	0x511
#define FW_CFG_SIGNATURE 0
#define UNMASKED	0x037bu		/* control word: all but #Z masked */

/* task_user.asm */
extern const uint8_t task_fninit[], task_first[], task_second[], task_third[], task_fourth[];
extern uint32_t task_result;

static void run_fninit(void *unused)
{
	(void)unused;
	__asm__ volatile("fninit");
}

static void run_wait(void *unused)
{
	(void)unused;
	__asm__ volatile("fwait");
}

static void run_divide(void *unused)
{
	uint16_t control = UNMASKED;

	(void)unused;
	__asm__ volatile("fninit; fldcw %0; fld1; fldz; fdivrp; fwait; fninit" : : "m" (control));
}

static void run_sse(void *unused)
{
	(void)unused;
	__asm__ volatile("xorps %%xmm0, %%xmm0" : : : "memory");
}

static void run_sse_divide(void *unused)
{
	static const uint32_t one = 0x3f800000;
	uint32_t control = 0x1d80;	/* all but #Z masked */

	(void)unused;
	__asm__ volatile("ldmxcsr %0; movss %1, %%xmm0; xorps %%xmm1, %%xmm1; divss %%xmm1, %%xmm0"
			 : : "m" (control), "m" (one));
}

static uint32_t vector_of(void (*function)(void *))
{
	struct fault fault;

	expect_fault(function, NULL, &fault);
	return fault.vector;
}

static uint32_t user_vector(const uint8_t *task)
{
	struct fault fault;

	user_run((uint32_t)task, user_stack_top(), NULL, &fault);
	return fault.vector;
}

static void set_bits(uint32_t set)
{
	vmi_set_cr0((vmi_get_cr0() & ~(CR0_TS | CR0_EM | CR0_MP | CR0_NE)) | set);
}

static void test_bits(void)
{
	set_bits(CR0_NE);
	report_equal(vector_of(run_fninit), NO_FAULT, "an FPU instruction");
	set_bits(CR0_NE | CR0_TS);
	report_equal(vector_of(run_fninit), TRAP_NO_FPU, "TS: an FPU instruction in the kernel");
	report_equal(user_vector(task_fninit), TRAP_NO_FPU, "TS: one in ring 3");
	report_equal(vector_of(run_wait), NO_FAULT, "TS without MP: WAIT");
	set_bits(CR0_NE | CR0_TS | CR0_MP);
	report_equal(vector_of(run_wait), TRAP_NO_FPU, "TS and MP: WAIT");
	vmi_clts();
	report_equal(vmi_get_cr0() & CR0_TS, 0, "VMI_CLTS clears TS");
	report_equal(user_vector(task_fninit), TRAP_USER_EXIT, "after VMI_CLTS ring 3 has the FPU");
	set_bits(CR0_NE | CR0_TS);
	__asm__ volatile("clts");
	report(!(vmi_get_cr0() & CR0_TS) && vector_of(run_fninit) == NO_FAULT, "CLTS does the same");
	set_bits(CR0_NE | CR0_EM);
	report_equal(vector_of(run_fninit), TRAP_NO_FPU, "EM: an FPU instruction");
	report_equal(user_vector(task_fninit), TRAP_NO_FPU, "EM: one in ring 3");
	set_bits(CR0_NE);
	report_equal(vector_of(run_divide), TRAP_FPU, "NE: an unmasked exception");
	__asm__ volatile("fninit");
}

static uint32_t interrupts;

static void take_irq(struct trap_frame *frame)
{
	(void)frame;
	interrupts++;
	vmi_outb(0, FPU_CLEAR);
	__asm__ volatile("fninit");
}

static bool in_qemu(void)
{
	vmi_outw(FW_CFG_SIGNATURE, FW_CFG_SELECT);
	return vmi_inb(FW_CFG_DATA) == 'Q' && vmi_inb(FW_CFG_DATA) == 'E';
}

/* NE clear: the exception leaves by FERR and comes back as IRQ 13. */
static void test_external(void)
{
	uint32_t i;

	if (in_qemu())
		return;		/* 7.2 aborts there: an assertion of its own */

	set_bits(0);
	irq_set_handler(FPU_IRQ, take_irq);
	vmi_enable_interrupts();
	__asm__ volatile("fninit; fldcw %0; fld1; fldz; fdivrp; fnop"
			 : : "m" ((uint16_t){ UNMASKED }));
	for (i = 0; i < 100000 && !interrupts; i++)
		;
	vmi_disable_interrupts();
	irq_set_handler(FPU_IRQ, NULL);
	report_equal(interrupts, 1, "NE clear: an unmasked exception is IRQ 13");
	vmi_outb(0, FPU_CLEAR);
	__asm__ volatile("fninit");
	set_bits(CR0_NE);
}

static void test_sse(void)
{
	uint32_t cr4 = vmi_get_cr4() & ~(CR4_OSFXSR | CR4_OSXMMEXCPT);

	if (!(cpu_features() & CPUID_1_EDX_SSE)) {
		report_skip("no SSE");
		return;
	}
	vmi_set_cr4(cr4);
	report_equal(vector_of(run_sse), TRAP_INVALID_OPCODE, "SSE without OSFXSR");
	vmi_set_cr4(cr4 | CR4_OSFXSR);
	report_equal(vector_of(run_sse), NO_FAULT, "SSE with OSFXSR");
	vmi_set_cr4(cr4 | CR4_OSFXSR | CR4_OSXMMEXCPT);
	report_equal(vmi_get_cr4() & (CR4_OSFXSR | CR4_OSXMMEXCPT), CR4_OSFXSR | CR4_OSXMMEXCPT,
		     "CR4 reads back");
	set_bits(CR0_NE | CR0_TS);
	report_equal(vector_of(run_sse), TRAP_NO_FPU, "TS: an SSE instruction");
	set_bits(CR0_NE | CR0_EM);
	report_equal(vector_of(run_sse), TRAP_INVALID_OPCODE, "EM: an SSE instruction");
	set_bits(CR0_NE);
	if (!in_qemu())		/* TCG has no SIMD exceptions */
		report_equal(vector_of(run_sse_divide), TRAP_SIMD, "OSXMMEXCPT: an unmasked exception");
	vmi_set_cr4(cr4);
}

/* Two tasks share the FPU: the one that uses it next takes it over. */
static uint8_t state[2][108];
static unsigned owner, current, switches;

static bool take_over(struct trap_frame *frame)
{
	(void)frame;
	vmi_clts();
	if (owner != current) {
		__asm__ volatile("fnsave %0; frstor %1" : "=m" (state[owner]) : "m" (state[current]));
		owner = current;
		switches++;
	}
	return true;
}

static void run_task(unsigned which, const uint8_t *task)
{
	current = which;
	set_bits(CR0_NE | CR0_TS);
	report_equal(user_vector(task), TRAP_USER_EXIT, "a task with the FPU");
}

static void test_lazy(void)
{
	__asm__ volatile("fninit; fnsave %0; frstor %0" : "=m" (state[1]));
	trap_set_handler(TRAP_NO_FPU, take_over);
	run_task(0, task_first);
	run_task(1, task_second);
	run_task(0, task_third);
	report_equal(task_result, 2, "the first task's registers");
	run_task(1, task_fourth);
	report_equal(task_result, 6, "the second task's registers");
	report_equal(switches, 3, "switches");
	trap_set_handler(TRAP_NO_FPU, NULL);
	set_bits(CR0_NE);
}

int main(void)
{
	if (!(cpu_features() & CPUID_1_EDX_FPU)) {
		report_skip("no FPU");
		return 0;
	}
	test_bits();
	test_external();
	test_sse();
	test_lazy();
	return 0;
}
