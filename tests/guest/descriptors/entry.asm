; SPDX-License-Identifier: GPL-2.0-only
;
; Handlers that may be entered with any base of CS and SS: they note what they
; find, go back to flat segments, and end in arrived().

SELECTOR_KERNEL_CODE	equ 0x08	; guest/runtime/cpu.h
SELECTOR_KERNEL_DATA	equ 0x10
USER_SS			equ 0x23

	extern	arrived

	section .text

%macro ENTRY 2
	align	16, db 0xcc
	global %1:function (%1.end - %1)
%1:
	mov	ebx, %2
	jmp	near note
.end:
%endmacro
ENTRY entry_one, 1
ENTRY entry_two, 2

note:
	mov	eax, USER_SS
	mov	ds, eax
	mov	es, eax
	mov	[noted.which], ebx
	mov	[noted.esp], esp
	mov	[noted.cs], cs
	mov	[noted.ss], ss
	mov	edx, cs
	and	edx, 3
	lea	eax, [edx + SELECTOR_KERNEL_DATA]
	mov	ss, eax
	mov	esp, stack_end
	mov	ds, eax
	mov	es, eax
	lea	eax, [edx + SELECTOR_KERNEL_CODE]
	push	eax
	push	dword .flat
	retf
.flat:
	call	arrived

; void undefined_at(uint32_t ss, uint32_t esp): an exception on that stack, behind
; a return of the monitor's to it
	global undefined_at:function (undefined_at.end - undefined_at)
undefined_at:
	mov	eax, [esp + 4]
	mov	edx, [esp + 8]
	mov	ss, eax
	mov	esp, edx
	cli
.site:
	ud2
.end:
	global undefined_site
undefined_site equ undefined_at.site

	section .bss
	align	16
	resb	4096
stack_end:
	global noted:data (16)
noted:
.which	resd	1
.esp	resd	1
.cs	resd	1
.ss	resd	1

	section .note.GNU-stack noalloc noexec nowrite progbits
