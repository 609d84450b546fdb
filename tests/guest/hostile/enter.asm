; SPDX-License-Identifier: GPL-2.0-only
;
; Into the hostile code, with all general registers as wanted.

	section .text

; void hostile_enter(const uint32_t registers[8], uint32_t eip, uint32_t cs): in
; PUSHAD's order, from EDI on. Comes back by an exception alone.
	global hostile_enter:function (hostile_enter.end - hostile_enter)
hostile_enter:
	mov	esi, [esp + 4]
	mov	eax, [esp + 8]
	mov	edx, [esp + 12]
	mov	esp, [esi + 12]
	mov	[esp - 36], eax
	mov	[esp - 32], edx
	mov	eax, [esi + 28]
	mov	ecx, [esi + 24]
	mov	edx, [esi + 20]
	mov	ebx, [esi + 16]
	mov	ebp, [esi + 8]
	mov	edi, [esi]
	mov	esi, [esi + 4]
	jmp	far [ss:esp - 36]
.end:

; Where selectors and gates that are good lead.
	global hostile_landing:function (hostile_landing.end - hostile_landing)
hostile_landing:
	ud2
.end:

	section .note.GNU-stack noalloc noexec nowrite progbits
