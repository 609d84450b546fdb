; SPDX-License-Identifier: GPL-2.0-only
;
; The workloads' ring-3 side: EBX = rounds, ESI = the process's first page.

%include "runtime.inc"

CALL_NOTHING	equ 0			; process.h
CALL_WRITE	equ 1
CALL_READ	equ 2
CALL_FORK	equ 3
CALL_EXIT	equ 4
PAGE		equ 4096
CHILD_PAGES	equ 8

	section .text

%macro CALL 1
	mov	eax, %1
	int	TRAP_SYSCALL
%endmacro

	align	16, db 0xcc
	global work_calls:function (work_calls.end - work_calls)
work_calls:
	CALL	CALL_NOTHING
	dec	ebx
	jnz	work_calls
	int	TRAP_USER_EXIT
.end:

; A message of %2 bytes to the twin, and the twin's: it is at the same round.
%macro PING_PONG 2
	align	16, db 0xcc
	global %1:function (%1.end - %1)
%1:
	mov	ecx, %2
	mov	[esi + %2 - 4], ebx
	CALL	CALL_WRITE
	mov	dword [esi + %2 - 4], 0
	CALL	CALL_READ
	cmp	[esi + %2 - 4], ebx
	jne	.wrong
	dec	ebx
	jnz	%1
	int	TRAP_USER_EXIT
.wrong:
	ud2
.end:
%endmacro
PING_PONG work_words, 4
PING_PONG work_pages, PAGE

; The child writes to some of what it shares, and ends.
	align	16, db 0xcc
	global work_fork:function (work_fork.end - work_fork)
work_fork:
	CALL	CALL_FORK
	test	eax, eax
	jz	.child
	mov	[esi], ebx
	dec	ebx
	jnz	work_fork
	int	TRAP_USER_EXIT
.child:
	mov	ecx, CHILD_PAGES
.write:
	mov	[esi], ecx
	add	esi, PAGE
	dec	ecx
	jnz	.write
	CALL	CALL_EXIT
.end:

	align	16, db 0xcc
	global work_sweep:function (work_sweep.end - work_sweep)
work_sweep:
	mov	[esi], ebx
	add	esi, PAGE
	dec	ebx
	jnz	work_sweep
	int	TRAP_USER_EXIT
.end:

	align	16, db 0xcc
	global work_spin:function (work_spin.end - work_spin)
work_spin:
	dec	ebx
	jnz	work_spin
	int	TRAP_USER_EXIT
.end:

	section .note.GNU-stack noalloc noexec nowrite progbits
