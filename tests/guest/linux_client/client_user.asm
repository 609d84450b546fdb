; SPDX-License-Identifier: GPL-2.0-only
;
; What the client runs in ring 3.  EAX = 0 in INT 80h ends the stay; anything
; else comes back incremented.

%include "offsets.inc"

	section .text

; Calls EBX, keeps EAX and EDX for whoever looks at the frame.
	align 16, db 0xcc
	global user_call:function (user_call.end - user_call)
user_call:
	call	ebx
	int	0x81			; TRAP_USER_EXIT, while the runtime's gates are in use
.end:

	align 16, db 0xcc
	global user_int80:function (user_int80.end - user_int80)
user_int80:
	mov	eax, 41
	int	0x80
	cmp	eax, 42
	jne	.wrong
	xor	eax, eax
	int	0x80
.wrong:
	ud2
.end:

	align 16, db 0xcc
	global user_sysenter:function (user_sysenter.end - user_sysenter)
user_sysenter:
	mov	ebx, 0x1234
	mov	esi, 100
	mov	[user_stack_at], esp
.again:
	sysenter
	global user_sysenter_back
user_sysenter_back:
	cmp	esp, [user_stack_at]
	jne	.wrong
	cmp	ebx, 0x1234
	jne	.wrong
	dec	esi
	jnz	user_sysenter.again
	xor	eax, eax
	int	0x80
.wrong:
	ud2
user_sysenter.end:

	align 16, db 0xcc
	global user_fault:function (user_fault.end - user_fault)
user_fault:
	mov	eax, [HOLE_STATE]	; the state page is the kernel's
	ud2
.end:

; Until the kernel has counted enough.
	align 16, db 0xcc
	global user_spin:function (user_spin.end - user_spin)
user_spin:
	mov	eax, 1
	int	0x80
	jmp	user_spin
.end:

	section .data
user_stack_at:	dd 0

	section .note.GNU-stack noalloc noexec nowrite progbits
