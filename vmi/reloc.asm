; SPDX-License-Identifier: GPL-2.0-only
; VMI_GetRelocationInfo: the numbered door, by which guests of VMI 3.0 find calls by
; number (docs/abi.md, sections 1 and 2).  At the ELF door guests find them by symbol name.

%include "layer.inc"

%define RELOC_CALL	1
%define RELOC_NOP	3

	section .text

; EAX = number of the call in VMI 3.0; EDX:EAX := relocation record.  Before VMI_Init has
; succeeded every record says "none": a caller at ring 0 has not called it yet.
VMI_ENTRY_16 GetRelocationInfo
	mov	edx, 02EB0000h		; in 16-bit code: MOV DX, 0; JMP to .from_16
	jmp	short .from_32
.from_16:
	xor	eax, eax		; XOR AX, AX
	ret
.from_32:
	mov	edx, cs
	and	edx, 3
	cmp	edx, 1
	jne	.none
	cmp	eax, NR_CALL_NUMBERS
	jae	.none
	cmp	eax, CALL_NUMBER_IODelay
	movzx	eax, word [HOLE_ROM + reloc_entries + eax * 2]
	jne	.call
	mov	dl, RELOC_NOP
.call:
	test	eax, eax
	jz	.none
	add	eax, HOLE_ROM
	ret
.none:
	xor	eax, eax
	xor	edx, edx
	ret
VMI_END GetRelocationInfo

; The entries' offsets in the ROM, by number; 0 for none.  A call that is not implemented
; is an undefined weak symbol, whose value is 0.  reloc_calls.inc (generated from
; include/vmi_calls.def) invokes RELOC in the order of the numbers.
%assign next 0
%macro RELOC 2
	%rep	%1 - next
	dw	0
	%endrep
	extern	VMI_%2:weak
	dw	VMI_%2
	%assign	next %1 + 1
%endmacro

	section .rodata
	align	2, db 0
reloc_entries:
%include "reloc_calls.inc"
