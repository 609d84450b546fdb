/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Crossing rings: returns, system calls both ways.  Ring 3 reads the counter
 * itself (tasks_user.asm), so that what starts and ends its run is left out.
 */
#include "bench.h"

#include "msr.h"
#include "ring.h"

#define CALLS			200
#define PUSHES			3	/* of a frame for VMI_IRET */

/* entries.asm */
extern const uint8_t syscall_plain[], syscall_vmi[], sysenter_back[];
void ring_irets(uint32_t n);

/* tasks_user.asm */
extern const uint8_t task_empty[], task_syscalls[], task_sysenters[];
extern uint64_t task_ticks;

/* The monitor learns by the first VMI_IRET that a kernel uses it at all. */
void ring_first_iret(void)
{
	ring_irets(1);
}

uint64_t ring_task(const void *task, uint32_t rounds, uint32_t argument)
{
	struct trap_frame registers = { .ebx = rounds, .esi = argument };
	struct fault fault;

	user_run((uint32_t)task, user_stack_top() - 16, &registers, &fault);
	vmi_disable_interrupts();
	if (fault.vector != TRAP_USER_EXIT)
		trap_fatal(&fault.frame);
	return task_ticks;
}

/* What a task takes, less what it takes without its operation. */
void ring_measure(const void *task, uint32_t argument, int32_t extra)
{
	bench_units(CALLS);
	bench_extra(extra);
	bench_add(ring_task(task, CALLS, argument) - ring_task(task_empty, CALLS, argument));
}

static void open_gate(const void *entry)
{
	tables_set_gate(TRAP_SYSCALL,
			descriptor_gate((uint32_t)entry, SELECTOR_KERNEL_CODE,
					ACCESS_PRESENT | ACCESS_DPL(3) | ACCESS_TRAP_GATE));
}

static void run_iret_kernel(void)
{
	bench_units(CALLS);
	bench_loops(CALLS);
	bench_extra(PUSHES);
	bench_start();
	ring_irets(CALLS);
	bench_stop();
}

static void run_iret_user(void)
{
	open_gate(syscall_vmi);
	ring_measure(task_syscalls, 0, 1);
}

static void run_syscall(void)
{
	open_gate(syscall_plain);
	ring_measure(task_syscalls, 0, 0);
}

static void run_syscall_vmi(void)
{
	open_gate(syscall_vmi);
	ring_measure(task_syscalls, 0, 0);
}

static void run_sysenter(void)
{
	ring_measure(task_sysenters, 0, 0);
}

void ring_prepare(void)
{
	vmi_wrmsr(MSR_SYSENTER_CS, SELECTOR_KERNEL_CODE);
	vmi_wrmsr(MSR_SYSENTER_ESP, trap_stack_top());
	vmi_wrmsr(MSR_SYSENTER_EIP, (uint32_t)sysenter_back);
}

const struct bench ring_benches[] = {
	{ "iret-kernel", run_iret_kernel, 0, { 0 } },
	{ "iret-user", run_iret_user, 0, { 0 } },
	{ "int80", run_syscall, 0, { 0 } },
	{ "int80-vmi-iret", run_syscall_vmi, 0, { 0 } },
	{ "sysenter", run_sysenter, 0, { VMI_CALL_SYSEXIT } },
	{ NULL, NULL, 0, { 0 } },
};
