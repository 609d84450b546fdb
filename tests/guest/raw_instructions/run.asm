; SPDX-License-Identifier: GPL-2.0-only
;
; One case with every register under control: loads them, calls the case's
; code, and keeps what it leaves.

	section .bss

	global raw_result:data
raw_result:		; struct raw_result of raw_instructions.h
	resd 5		; GS FS ES DS SS
	resd 8		; EDI ESI EBP ESP EBX EDX ECX EAX
	resd 1		; EFLAGS
raw_result_end:
	global raw_stack:data
raw_stack:	resd 1	; ESP at the call
raw_code:	resd 1

	section .text

; void raw_run(const void *code, const uint32_t registers[9])
;
; The registers in PUSHAD's order, from EDI on, and EFLAGS.
	global raw_run:function
raw_run:
	pushad
	push ds
	push es
	mov eax, [esp + 44]
	mov esi, [esp + 48]
	mov [raw_code], eax
	mov [raw_stack], esp
	sub esp, 36
	mov edi, esp
	mov ecx, 9
	cld
	rep movsd
	popad
	popfd
	call [ss:raw_code]
	pushfd
	; TF and DF end here, IF stays what the case made of it.
	pushfd
	and dword [ss:esp], ~0x500
	popfd
	pushad
	push dword 0
	mov [ss:esp], ss
	push dword 0
	mov [ss:esp], ds
	push dword 0
	mov [ss:esp], es
	push dword 0
	mov [ss:esp], fs
	push dword 0
	mov [ss:esp], gs
	mov eax, ss
	mov ds, eax
	mov es, eax
	mov esi, esp
	mov edi, raw_result
	mov ecx, (raw_result_end - raw_result) / 4
	rep movsd
	mov esp, [raw_stack]
	pop es
	pop ds
	popad
	ret

	section .note.GNU-stack noalloc noexec nowrite progbits
