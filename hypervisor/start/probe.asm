; SPDX-License-Identifier: GPL-2.0-only
; In POST: does the CPU enforce segment limits?  QEMU's TCG does not.  rom/enter.asm has
; made a data segment of 64 KiB: read the byte behind its end, with an IDT loaded that
; has a gate for #GP, and see whether the fault comes.

%include "offsets.inc"

%define SEL_DATA16	30h		; the segment of 64 KiB (rom/enter.asm)

extern	boot

	section .text align=16
; bool limits_enforced(void)
	global limits_enforced:function (limits_enforced.end - limits_enforced)
limits_enforced:
	push	ebx
	sub	esp, 16
	sidt	[esp]
	; One gate is enough: the IDT's base is such that the gate of #GP is at probe_gate.
	mov	eax, .faulted
	mov	[probe_gate], ax
	mov	[probe_gate + 2], cs
	mov	word [probe_gate + 4], HIGH_INTERRUPT_GATE
	shr	eax, 16
	mov	[probe_gate + 6], ax
	mov	eax, probe_gate - VECTOR_GP * 8 - HOLE_BLOCK
	add	eax, [boot]		; boot.block: the linear address, without paging
	mov	word [esp + 8], VECTOR_GP * 8 + 7
	mov	[esp + 10], eax
	lidt	[esp + 8]
	mov	ebx, esp
	mov	eax, SEL_DATA16
	mov	fs, eax
	mov	al, [fs:10000h]
	xor	eax, eax
	jmp	.done
.faulted:
	mov	eax, 1
.done:
	mov	esp, ebx		; drop the fault's frame
	lidt	[esp]
	add	esp, 16
	pop	ebx
	ret
.end:

	section .bss align=8
probe_gate:
	resb	8
