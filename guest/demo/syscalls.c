/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls from ring 3, through a trap gate of DPL 3: under the monitor
 * the processor enters the kernel at CPL 1 by itself.
 */
#include "syscalls.h"

#include "demo.h"

#include "vmi.h"

#define TEXT_MAX	128

/* task_user.c */
extern void task_user(void);

static uint32_t syscalls;

/* Only what ring 3 may read by itself: its part of the image. */
static uint32_t sys_print(uint32_t text, uint32_t length)
{
	uint32_t start = (uint32_t)user_start, end = (uint32_t)user_end;

	if (length > TEXT_MAX || text < start || text > end - length)
		return SYSCALL_ERROR;
	print("task: ");
	while (length--)
		console_put(*(const char *)text++);
	print("\n");
	return 0;
}

static bool handle_syscall(struct trap_frame *frame)
{
	syscalls++;
	switch (frame->eax) {
	case SYSCALL_PRINT:
		frame->eax = sys_print(frame->ebx, frame->ecx);
		break;
	case SYSCALL_TICKS:
		frame->eax = ticks_now();
		break;
	case SYSCALL_SLEEP:
		ticks_sleep(frame->ebx);
		frame->eax = 0;
		break;
	case SYSCALL_NOTHING:
		frame->eax = frame->ebx;
		break;
	default:
		frame->eax = SYSCALL_ERROR;
		break;
	}
	return true;
}

void demo_tasks(void)
{
	struct fault end;

	trap_set_handler(TRAP_SYSCALL, handle_syscall);
	tables_open_gate(TRAP_SYSCALL, ACCESS_TRAP_GATE, 3);
	user_run((uint32_t)task_user, user_stack_top(), NULL, &end);
	demo_check(end.vector == TRAP_USER_EXIT && end.frame.eax == 0,
		   "a task runs in ring 3 and ends by itself");
	demo_check(syscalls >= TASK_CALLS, "system calls");
	demo_check(demand_faults(true) == DEMAND_PAGES / 2,
		   "demand paging in ring 3");
	print("demo: %u system calls, %u + %u demand faults\n", syscalls,
	      demand_faults(false), demand_faults(true));
}
