; SPDX-License-Identifier: GPL-2.0-only
; Returns from the guest kernel: to itself at ring 1, to its users at ring 3.
; Both restore the virtual IF and leave in one step as the guest sees it: an
; interrupt that comes between the store and the IRET finds EIP in the region
; from .critical on, and the monitor first completes the return
; (hypervisor/cpu/transfer.c).

%include "layer.inc"

%define EFLAGS_NT	(1 << 14)
%define EFLAGS_SPECIAL	((1 << 17) | EFLAGS_NT)	; VM, NT

	section .text

; The labels that the monitor knows a return's progress by; rom/layout.asm hands
; them on.
%macro PROGRESS 2
	global %1_entry, %1_critical, %1_popped, %1_last, %1_end
%1_entry	equ %2
%1_critical	equ %2.critical		; EAX is still on the stack
%1_popped	equ %2.popped
%1_last		equ %2.last		; the IRET itself
%1_end		equ %2.last_end
%endmacro

; The stack as called:		+16 and on: ESP, SS, ES, DS, FS, GS
;	+12  flags
;	+8   CS
;	+4   EIP
;	ESP  return address, which names the site
VMI_CRITICAL IRET
	push	eax
	mov	eax, [esp + 16]
	and	eax, EFLAGS_SPECIAL | IF_BIT
	cmp	eax, IF_BIT
	jne	.rare
.store:
	mov	[ss:VIF], eax
.critical:
	test	[ss:PENDING], eax
	pop	eax
.popped:
	jnz	.pending
	lea	esp, [esp + 4]
.last:
	iret
.last_end:
.special:
	pop	eax
.pending:
	int	VECTOR_IRET		; does not come back
.rare:					; special, or disabled
	test	eax, EFLAGS_SPECIAL
	jnz	.special
	test	byte [esp + 12], 2
	jz	.store			; for ring 3 the monitor sets virtual IF
	jmp	short .special
VMI_END IRET
PROGRESS iret, VMI_IRET

; EDX = EIP, ECX = ESP.  The frame of an IRET is built below the return address:
; ring 1 can leave for ring 3 by no other instruction.
VMI_CRITICAL SYSEXIT
	push	dword [ss:HOLE_GATE_INFO + GATE_SYSEXIT_SS]
	push	ecx
	pushfd
	push	dword [ss:HOLE_GATE_INFO + GATE_SYSEXIT_CS]
	push	edx
	push	eax
	mov	eax, IF_BIT
	mov	[ss:VIF], eax
.critical:
	test	[ss:PENDING], eax
	pop	eax
.popped:
	jnz	.pending
.last:
	iret
.last_end:
.pending:
	push	dword [esp + 20]	; the return address: a frame of VMI_IRET's,
	pushfd				; which looks at NT: it is the task's, in the image
	and	byte [esp + 1], ~EFLAGS_NT >> 8 & 0FFh
	popfd
	int	VECTOR_IRET
VMI_END SYSEXIT
PROGRESS sysexit, VMI_SYSEXIT
