; SPDX-License-Identifier: GPL-2.0-only
;
; The IRET under test: the frame becomes the stack, all general registers have
; a pattern, all data segments are null.

%include "pattern.inc"
%include "vmi.inc"

	section .text

; void iret_enter(const void *frame, uint32_t eflags): with these flags set
	global iret_enter:function (iret_enter.end - iret_enter)
iret_enter:
	mov	eax, [esp + 4]
	mov	edx, [esp + 8]
	mov	esp, eax
	sub	esp, 64			; below the frame, where traps push, too
	pushfd
	or	[esp], edx
	popfd
	mov	esp, eax
	mov	ecx, 0
	mov	ds, ecx
	mov	es, ecx
	mov	fs, ecx
	mov	gs, ecx
	LOAD_PATTERN
.site:
	VMI_IRET
.end:
	global iret_site
iret_site equ iret_enter.site

; Where an IRET to the kernel arrives: what it finds goes to `arrived`.
	global iret_arrival:function (iret_arrival.end - iret_arrival)
iret_arrival:
	mov	[ss:arrived + 28], eax
	mov	[ss:arrived + 24], ecx
	mov	[ss:arrived + 20], edx
	mov	[ss:arrived + 16], ebx
	mov	[ss:arrived + 12], esp
	mov	[ss:arrived + 8], ebp
	mov	[ss:arrived + 4], esi
	mov	[ss:arrived], edi
	mov	esp, [ss:arrival_esp]
	pushfd
	pop	dword [ss:arrived + 32]
	mov	[ss:arrived + 36], ds
	mov	[ss:arrived + 40], es
	mov	[ss:arrived + 44], cs
	cld
	mov	eax, ss
	mov	ds, eax
	mov	es, eax
	mov	[arrived + 48], eax
	jmp	arrive
.end:
	extern	arrive

	section .bss
	global arrived:data (52)
arrived:
	resd	13
	global arrival_esp:data (4)
arrival_esp:
	resd	1

	section .note.GNU-stack noalloc noexec nowrite progbits
