; SPDX-License-Identifier: GPL-2.0-only
; Instructions that may fault at CPL 0, because a guest has chosen their operands.
; A table names where execution goes on after such a fault (fixup.inc, fixup.c).

%include "fixup.inc"

	bits 32

	section .text align=16
; uint32_t copy_fixup(to, from, n): copies n bytes and returns how many could not
; be copied because of a fault.  REP MOVSB leaves in ECX just that number.
	global copy_fixup:function (copy_fixup.end - copy_fixup)
copy_fixup:
	push	esi
	push	edi
	mov	edi, eax
	mov	esi, edx
.copy:
	rep movsb
.done:
	mov	eax, ecx
	pop	edi
	pop	esi
	ret
.end:
	FIXUP	copy_fixup.copy, copy_fixup.done

; uint32_t fixup_rdmsr(index, uint64_t *value) and fixup_rdpmc likewise: return 0,
; or 1 if there is no such register.
%macro READ_FIXUP 2
	global %1:function (%1.end - %1)
%1:
	push	ebx
	mov	ecx, eax
	mov	ebx, edx
.read:
	%2
	mov	[ebx], eax
	mov	[ebx + 4], edx
	xor	eax, eax
	pop	ebx
	ret
.bad:
	mov	eax, 1
	pop	ebx
	ret
.end:
	FIXUP	%1.read, %1.bad
%endmacro
READ_FIXUP fixup_rdmsr, rdmsr
READ_FIXUP fixup_rdpmc, rdpmc

; The end of a function: executes the instruction %1 and returns 0, or 1 if it faults.
%macro TRY_LOAD 1+
.load:
	%1
	xor	eax, eax
	ret
.bad:
	mov	eax, 1
	ret
.end:
	FIXUP	.load, .bad
%endmacro

; uint32_t fixup_load_fs(selector) and fixup_load_gs(selector): load the register.
%macro LOAD_SEGMENT 1
	global fixup_load_%1:function (fixup_load_%1.end - fixup_load_%1)
fixup_load_%1:
	TRY_LOAD mov %1, ax
%endmacro
LOAD_SEGMENT fs
LOAD_SEGMENT gs

; uint32_t fixup_xsetbv(index, low, high).  The arguments come in EAX, EDX and ECX
; and are wanted in ECX, EAX and EDX.
	global fixup_xsetbv:function (fixup_xsetbv.end - fixup_xsetbv)
fixup_xsetbv:
	xchg	eax, ecx
	xchg	eax, edx
	TRY_LOAD xsetbv
