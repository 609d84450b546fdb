; SPDX-License-Identifier: GPL-2.0-only
;
; What ring 3 runs in the sysenter test: EDX and ECX say where SYSEXIT returns,
; by the usual convention.

%include "runtime.inc"
%include "task.inc"

	section .text

%macro LOAD 0
	mov	eax, 0xa0000001
	mov	ebx, 0xb0000004
	mov	ebp, 0xe0000005
	mov	esi, 0x50000006
	mov	edi, 0xf0000007
	mov	ecx, esp
	stc
%endmacro

; Keep what came back, reaching data through SS.
%macro KEEP 0
	pushfd
	pop	dword [ss:after.eflags]
	mov	[ss:after.cs], cs
	mov	[ss:after.ss], ss
	mov	[ss:saved_esp], esp
	mov	esp, after.eflags
	pushad
	push	ds
	push	es
	push	fs
	push	gs
	mov	esp, [ss:saved_esp]
	mov	[ss:after.esp], esp
	int	TRAP_USER_EXIT
%endmacro

TASK task_plain
	LOAD
	mov	edx, .back
.sysenter:
	sysenter
.back:
	KEEP
.end:
	global task_plain_sysenter
task_plain_sysenter equ task_plain.sysenter

TASK task_null
	xor	eax, eax
	mov	ds, eax
	mov	es, eax
	mov	fs, eax
	mov	gs, eax
	LOAD
	mov	edx, task_plain.back
	sysenter
.end:

TASK task_nested
	pushfd
	or	dword [esp], 0x4000		; NT
	popfd
	LOAD
	mov	edx, .back
	sysenter
.back:
	KEEP
.end:

TASK task_step
	LOAD
	mov	edx, .back
	pushfd
	or	dword [esp], 0x100		; TF
	popfd
	sysenter
.back:
	int	TRAP_USER_EXIT
.end:

; EBX calls.
TASK task_many
	mov	ecx, esp
	mov	edx, .back
	sysenter
.back:
	dec	ebx
	jnz	task_many
	int	TRAP_USER_EXIT
.end:

	section .bss

	global after:data (after_end - after)
after:
	resd	7			; GS to EBP
.esp	resd	5			; to EAX
.eflags	resd	1
.cs	resd	1
.ss	resd	1
after_end:
saved_esp:
	resd	1

	section .note.GNU-stack noalloc noexec nowrite progbits
