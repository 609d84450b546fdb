; SPDX-License-Identifier: GPL-2.0-only
;
; A far call to the code under test, with a pattern in every register.

%include "pattern.inc"

	section .text

; void cli_enter(const struct far *to, uint32_t flags): registers and EFLAGS
; afterwards are in cli_after.
	global cli_enter:function (cli_enter.end - cli_enter)
cli_enter:
	pushad
	mov	eax, [esp + 36]
	mov	ecx, [eax]
	mov	[cli_target], ecx
	mov	ecx, [eax + 4]
	mov	[cli_target + 4], ecx
	push	dword [esp + 40]
	LOAD_PATTERN
	popfd
	call	far [ss:cli_target]
	pushfd
	and	dword [esp], ~0x100		; TF ends here
	push	dword [esp]
	popfd
	pop	dword [ss:cli_after + 32]
	pushad
	pop	dword [ss:cli_after]
	pop	dword [ss:cli_after + 4]
	pop	dword [ss:cli_after + 8]
	pop	dword [ss:cli_after + 12]
	pop	dword [ss:cli_after + 16]
	pop	dword [ss:cli_after + 20]
	pop	dword [ss:cli_after + 24]
	pop	dword [ss:cli_after + 28]
	cld
	popad
	ret
.end:

	section .bss
	align	4
cli_target:
	resd	2
	global cli_after:data (36)
cli_after:				; PUSHAD's, from EDI on, and EFLAGS
	resd	9

	section .note.GNU-stack noalloc noexec nowrite progbits
