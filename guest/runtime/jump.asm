; SPDX-License-Identifier: GPL-2.0-only
;
; Changes of context that C cannot express: jump_set() and jump_to(), and new
; segment registers after a new GDT.

	section .text

; int jump_set(struct jump_context *context)
	align 16, db 0xcc
	global jump_set:function (jump_set.end - jump_set)
jump_set:
	mov eax, [esp + 4]
	mov [eax], ebx
	mov [eax + 4], esi
	mov [eax + 8], edi
	mov [eax + 12], ebp
	lea ecx, [esp + 4]		; ESP after the return
	mov [eax + 16], ecx
	mov ecx, [esp]
	mov [eax + 20], ecx
	xor eax, eax
	ret
.end:

; void jump_to(const struct jump_context *context, int value)
	align 16, db 0xcc
	global jump_to:function (jump_to.end - jump_to)
jump_to:
	mov edx, [esp + 4]
	mov eax, [esp + 8]
	mov ebx, [edx]
	mov esi, [edx + 4]
	mov edi, [edx + 8]
	mov ebp, [edx + 12]
	mov esp, [edx + 16]
	jmp [edx + 20]
.end:

; void reload_segments(uint32_t code, uint32_t data)
	align 16, db 0xcc
	global reload_segments:function (reload_segments.end - reload_segments)
reload_segments:
	mov eax, [esp + 8]
	mov ss, eax
	mov ds, eax
	mov es, eax
	xor eax, eax
	mov fs, eax
	mov gs, eax

	; A far return to the caller loads CS.
	mov eax, [esp + 4]
	mov ecx, [esp]
	mov [esp], eax
	push ecx
	retf
.end:

	section .note.GNU-stack noalloc noexec nowrite progbits
