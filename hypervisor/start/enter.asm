; SPDX-License-Identifier: GPL-2.0-only
; Where VMI_Init arrives in the monitor (from vmi/init.asm).  It leaves through the gate,
; for a guest that goes on at CPL 1; or, if init_main() refuses, the way that it came.

%include "offsets.inc"

extern	gate_exit
extern	init_main
extern	init_registers

	section .text align=16
	bits 32

; From page S (vmi/init.asm, which lists the registers).  The guest's state is saved, the
; monitor's GDT, IDT, segments and stack are loaded, and C goes on.  A refusal loads the
; same registers and jumps to switch_out in page S.
	global init_enter:function (init_enter.end - init_enter)
init_enter:
	mov	[init_registers + INIT_CR0], ebx
	mov	[init_registers + INIT_CR3], edi
	mov	[init_registers + INIT_CR4], ebp
	mov	[init_registers + INIT_ESP], esp
	mov	[init_registers + INIT_BLOCK], edx
	mov	[init_registers + INIT_BACK], esi
	mov	[init_registers + INIT_SWITCH_OUT], ecx
	lgdt	[monitor_gdtr]
	lidt	[monitor_idtr]
	jmp	MONITOR_CS:.far
.far:
	mov	eax, MONITOR_DS
	mov	ds, eax
	mov	es, eax
	mov	ss, eax
	mov	esp, HOLE_STACK_TOP - FRAME_SIZE
	mov	eax, esp
	call	init_main		; (frame): 0 if the guest goes on by that frame
	test	eax, eax
	jz	gate_exit
	mov	ebx, [init_registers + INIT_CR0]
	mov	edi, [init_registers + INIT_CR3]
	mov	ebp, [init_registers + INIT_CR4]
	mov	esp, [init_registers + INIT_ESP]
	mov	edx, [init_registers + INIT_BLOCK]
	mov	esi, [init_registers + INIT_BACK]
	mov	ecx, [init_registers + INIT_SWITCH_OUT]
	lea	eax, [edx + BLOCK_FIRST_PDPT]
	mov	cr3, eax
	jmp	ecx
.end:

	section .rodata align=4
	global monitor_gdtr:data 6
monitor_gdtr:
	dw	MONITOR_GDT_LIMIT
	dd	HOLE_GDT
	align	4, db 0
	global monitor_idtr:data 6
monitor_idtr:
	dw	256 * 8 - 1
	dd	HOLE_IDT
