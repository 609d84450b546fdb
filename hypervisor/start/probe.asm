; SPDX-License-Identifier: GPL-2.0-only
; Does the CPU enforce segment limits?  In POST, in the segments that
; rom/enter.asm has made: read beyond the end of its 64 KiB one, with a gate for
; #GP at hand.

%include "offsets.inc"

%define SEL_DATA16	30h		; rom/enter.asm
%define VECTOR_GP	13
%define GATE_INTERRUPT	8E00h

extern	boot

	section .text align=16
	global limits_enforced:function (limits_enforced.end - limits_enforced)
limits_enforced:
	push	ebx
	sub	esp, 16
	sidt	[esp]
	; One gate is enough: the IDT begins so that #GP's is at probe_gate.
	mov	eax, .faulted
	mov	[probe_gate], ax
	mov	[probe_gate + 2], cs
	mov	word [probe_gate + 4], GATE_INTERRUPT
	shr	eax, 16
	mov	[probe_gate + 6], ax
	mov	eax, probe_gate - VECTOR_GP * 8 - HOLE_BLOCK
	add	eax, [boot]		; boot.block: to linear
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
	mov	esp, ebx		; drops the fault's frame
	lidt	[esp]
	add	esp, 16
	pop	ebx
	ret
.end:

	section .bss align=8
probe_gate:
	resb	8
