/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system calls of the demonstration kernel: INT 80h with the number in
 * EAX, arguments in EBX and ECX, the result in EAX.
 */
#ifndef DEMO_SYSCALLS_H
#define DEMO_SYSCALLS_H

#define SYSCALL_PRINT	1	/* text, length */
#define SYSCALL_TICKS	2	/* returns the ticks so far */
#define SYSCALL_SLEEP	3	/* ticks */
#define SYSCALL_NOTHING	4	/* returns its argument */

/* What a wrong call returns. */
#define SYSCALL_ERROR	0xffffffffu

/* task_user.c: tasks, and the values that they end with. */
#define TASK_CALLS	1000

#endif
