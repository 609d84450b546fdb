; SPDX-License-Identifier: GPL-2.0-only
;
; What ring 3 runs in the segments test.

%include "runtime.inc"
%include "task.inc"

SELECTOR_SPARE	equ 0x30
THREAD		equ SELECTOR_SPARE | 3
OTHER		equ 0x40 | 3		; the same segment

	section .text

; ECX rounds of what compilers make of thread-local variables.
TASK task_thread
	mov	eax, THREAD
	mov	gs, eax
	xor	eax, eax
	mov	[gs:4], eax
	mov	[gs:-4], eax
	mov	dword [gs:0], thread_block
	mov	esi, -4
.next:
	inc	dword [gs:-4]
	mov	edx, [gs:0]		; the block's own address comes first
	add	dword [gs:4], 1
	mov	edi, [gs:esi]
	cmp	edi, [gs:4]
	jne	.bad
	cmp	edx, thread_block
	jne	.bad
	loop	.next
	mov	eax, [gs:-4]
	int	TRAP_USER_EXIT
.bad:
	xor	eax, eax
	int	TRAP_USER_EXIT
.end:

TASK task_push
	mov	eax, THREAD
	mov	gs, eax
	mov	dword [gs:-8], .called
	push	dword [gs:-8]
	pop	dword [gs:12]
	mov	dword [gs:-12], 0x600d
	mov	ebx, 0xbad
	call	[gs:-8]
	xchg	ebx, [gs:-12]
	mov	eax, [gs:12]
	cmp	eax, .called
	jne	.end_task
	mov	eax, ebx
.end_task:
	int	TRAP_USER_EXIT
.called:
	ret
.end:

; One instruction with two such segments, on different sides of their bases.
TASK task_copy
	mov	eax, THREAD
	mov	gs, eax
	mov	eax, OTHER
	mov	es, eax
	mov	dword [gs:-4], 0x600d
	mov	dword [gs:8], 0
	mov	esi, -4
	mov	edi, 8
	gs movsd
	mov	eax, [gs:8]
	int	TRAP_USER_EXIT
.end:

; A word that lies on both sides, beyond the limit: #GP where limits are checked.
TASK task_straddle
	mov	eax, THREAD
	mov	gs, eax
	mov	eax, [gs:-2]
	int	TRAP_USER_EXIT
.end:

; GS := AX, and a word written at EBX.
TASK task_access
	nop
.load:
	mov	gs, eax
.at:
	mov	[gs:ebx], ecx
	int	TRAP_USER_EXIT
.end:
	global task_load_at
task_load_at equ task_access.load
	global task_access_at
task_access_at equ task_access.at

; Likewise, a word read.
TASK task_read
	mov	gs, eax
	mov	ecx, [gs:ebx]
	int	TRAP_USER_EXIT
.end:

; To 16-bit code at selector BX, whose base is user_start.
	extern	user_start
TASK task_code_16
	push	ebx
	mov	eax, .code16
	sub	eax, user_start
	push	eax
	retf
	bits	16
.code16:
	mov	eax, 0x1234
	int	TRAP_USER_EXIT
	bits	32
.end:

TASK task_conforming
	call	THREAD:.inside
	int	TRAP_USER_EXIT
.inside:
	mov	eax, cs
	retf
.end:

; EAX = selector: a far call.
TASK task_far_call
	sub	esp, 8
	mov	dword [esp], .back
	mov	[esp + 4], eax
.at:
	call	far [esp]
.back:
	int	TRAP_USER_EXIT
.end:
	global task_far_at
task_far_at equ task_far_call.at

	section .data

	align	64
	global thread_block:data (128)
thread_block:
	times 32 dd 0

	section .note.GNU-stack noalloc noexec nowrite progbits
