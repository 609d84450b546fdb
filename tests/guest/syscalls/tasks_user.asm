; SPDX-License-Identifier: GPL-2.0-only
;
; What ring 3 runs in the syscalls test.

%include "pattern.inc"
%include "runtime.inc"
%include "task.inc"

; A vector that nobody else uses; syscalls.c reads it from the instruction.
VECTOR_INTERRUPT	equ 0x82

	section .data

; All eight registers as they were after the call, EDI first (PUSHAD).
	global user_registers:data (32)
user_registers:
	times 8 dd 0

	section .text

; One system call with a pattern in every register; keeps what came back.
%macro ONE_CALL 2
	align 16, db 0xcc
	global %1:function (%1.end - %1)
%1:
	LOAD_PATTERN
	stc
.call:
	int %2
	setc [carry_after]
	mov [user_registers], edi
	mov [user_registers + 4], esi
	mov [user_registers + 8], ebp
	mov [user_registers + 12], esp
	mov [user_registers + 16], ebx
	mov [user_registers + 20], edx
	mov [user_registers + 24], ecx
	mov [user_registers + 28], eax
	int TRAP_USER_EXIT
.end:
	global %1_call
%1_call equ %1.call
%endmacro

ONE_CALL task_trap, TRAP_SYSCALL
ONE_CALL task_interrupt, VECTOR_INTERRUPT

; EBX system calls, the result of each the argument of the next.
TASK task_many
	xor eax, eax
.next:
	int TRAP_SYSCALL
	dec ebx
	jnz .next
	int TRAP_USER_EXIT
.end:

	section .bss

	global carry_after:data (1)
carry_after:
	resb 1

	section .note.GNU-stack noalloc noexec nowrite progbits
