; SPDX-License-Identifier: GPL-2.0-only
;
; What ring 3 runs while it is measured: it reads the counter itself.  EBX =
; rounds; the ticks are left in task_ticks.

%include "runtime.inc"

	section .text

%macro BEGIN 0
	rdtsc
	mov	[task_ticks], eax
	mov	[task_ticks + 4], edx
%endmacro

%macro END 0
	rdtsc
	sub	eax, [task_ticks]
	sbb	edx, [task_ticks + 4]
	mov	[task_ticks], eax
	mov	[task_ticks + 4], edx
	int	TRAP_USER_EXIT
%endmacro

	align	16, db 0xcc
	global task_empty:function (task_empty.end - task_empty)
task_empty:
	BEGIN
.again:
	dec	ebx
	jnz	.again
	END
.end:

	align	16, db 0xcc
	global task_syscalls:function (task_syscalls.end - task_syscalls)
task_syscalls:
	BEGIN
.again:
	int	TRAP_SYSCALL
	dec	ebx
	jnz	.again
	END
.end:

; SYSEXIT returns to EDX, with ESP from ECX.
	align	16, db 0xcc
	global task_sysenters:function (task_sysenters.end - task_sysenters)
task_sysenters:
	BEGIN
	mov	ecx, esp
	mov	edx, .back
.again:
	sysenter
.back:
	dec	ebx
	jnz	.again
	END
.end:

; Stores of two bytes to a page that is not there.
	align	16, db 0xcc
	global task_faults:function (task_faults.end - task_faults)
task_faults:
	BEGIN
	mov	edx, esi
.again:
	mov	[edx], eax
	dec	ebx
	jnz	.again
	END
.end:

	section .bss

	global task_ticks:data (8)
	align	8, resb 1
task_ticks:
	resq	1

	section .note.GNU-stack noalloc noexec nowrite progbits
