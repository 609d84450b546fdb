; SPDX-License-Identifier: GPL-2.0-only
;
; What the debug test stops at.  The kernel calls it, ring 3 runs it: there the
; return address is none, so it ends by INT.

%include "runtime.inc"

	section .text

%macro CODE 1
	align	16, db 0xcc
	global %1:function (%1.end - %1)
%1:
%endmacro

%macro MARK 2
	global %1_%2
%1_%2	equ %1.%2
%endmacro

; Back to the kernel, or the end of the stay in ring 3.
%macro LEAVE 0
	mov	eax, cs
	test	al, 2
	jnz	%%user
	ret
%%user:
	int	TRAP_USER_EXIT
%endmacro

CODE code_execute
	nop
.at:
	mov	eax, 1
	LEAVE
.end:
	MARK code_execute, at

CODE code_write
	mov	dword [watched], 7
.after:
	nop
	LEAVE
.end:
	MARK code_write, after

CODE code_read
	mov	ecx, [watched]
.after:
	nop
	LEAVE
.end:
	MARK code_read, after

CODE code_mov_ss
	mov	eax, 1
	mov	ss, [watched]
	int	TRAP_SYSCALL
.after:
	int	TRAP_USER_EXIT
.end:
	MARK code_mov_ss, after

CODE code_mov_ss_ud
	mov	ss, [watched]
	ud2
	int	TRAP_USER_EXIT
.end:

CODE code_ud
	ud2
	int	TRAP_USER_EXIT
.end:

CODE code_nops
	nop
	nop
	nop
	int	TRAP_USER_EXIT
.end:

	section .data
	align	4
	global watched:data (4)
watched:
	dd	0

	section .note.GNU-stack noalloc noexec nowrite progbits
