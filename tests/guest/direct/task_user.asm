; SPDX-License-Identifier: GPL-2.0-only
;
; What ring 3 runs in the direct test.

%include "runtime.inc"
%include "task.inc"

VECTOR		equ 0x90
CALLS		equ 1000

	section .text

; CALLS calls, counted by the time stamp: instructions, under -icount.
TASK task_count
	mov	ecx, CALLS
	rdtsc
	mov	ebx, eax
.next:
	int	VECTOR
	dec	ecx
	jnz	.next
	rdtsc
	sub	eax, ebx
	mov	[count_cost], eax
	int	TRAP_USER_EXIT
.end:

TASK task_call
	nop
.at:
	int	VECTOR
	int	TRAP_USER_EXIT
.end:
	global task_call_at
task_call_at equ task_call.at

TASK task_syscall
	int	TRAP_SYSCALL
	int	TRAP_USER_EXIT
.end:

TASK task_disabled
	int3				; its handler clears IF in the frame
	int	TRAP_SYSCALL
	int	TRAP_USER_EXIT
.end:

	section .bss

	global count_cost:data (4)
count_cost:
	resd	1

	section .note.GNU-stack noalloc noexec nowrite progbits
