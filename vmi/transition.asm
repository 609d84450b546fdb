; SPDX-License-Identifier: GPL-2.0-only
; VMI_IRET and VMI_SYSEXIT: returns from the guest kernel, to itself at ring 1 or to its
; users at ring 3.  Both set virtual IF and leave, which is one step to the guest.  An
; interrupt that comes between the store and the IRET finds EIP in the critical region
; (from .critical on), and the monitor completes the return before it delivers the
; interrupt (hypervisor/cpu/transfer.c).

%include "layer.inc"

%define EFLAGS_SPECIAL	(EFLAGS_VM | EFLAGS_NT)

	section .text

; The labels of return %2 by which the monitor sees how far it has come.
; rom/layout.asm passes them on as struct return_path.
%macro PROGRESS 2
	global %1_entry, %1_critical, %1_popped, %1_last, %1_end
%1_entry	equ %2
%1_critical	equ %2.critical		; EAX is still on the stack
%1_popped	equ %2.popped
%1_last		equ %2.last		; the IRET itself
%1_end		equ %2.last_end
%endmacro

; Set virtual IF to EAX (0 or IF_BIT), and pop the guest's EAX.  If virtual IF is set now
; and an interrupt waits for it, go to .pending.
%macro SET_VIF 0
	mov	[ss:VIF], eax
.critical:
	test	[ss:PENDING], eax
	pop	eax
.popped:
	jnz	.pending
%endmacro

; The stack at the call; the IRET frame begins at +4:
;
;	+16  ESP, SS, then ES, DS, FS, GS, if the return needs them
;	+12  EFLAGS
;	+8   CS
;	+4   EIP
;	ESP  return address, which tells the monitor the call site
;
; The monitor does returns that are not simple: to V8086 mode, with NT set, or with IF
; clear to ring 3 (which always runs with interrupts enabled).
VMI_CRITICAL IRET
	push	eax
	mov	eax, [esp + 16]
	and	eax, EFLAGS_SPECIAL | IF_BIT
	cmp	eax, IF_BIT
	jne	.rare
.store:
	SET_VIF
	lea	esp, [esp + 4]
.last:
	iret
.last_end:
.special:
	pop	eax
.pending:
	int	VECTOR_IRET		; the monitor returns for us
.rare:					; VM or NT set, or IF clear
	test	eax, EFLAGS_SPECIAL
	jnz	.special
	test	byte [esp + 12], 2	; CS: to ring 3?
	jz	.store			; no: at ring 1 virtual IF may be clear
	jmp	short .special
VMI_END IRET
PROGRESS iret, VMI_IRET

; EDX = EIP, ECX = ESP.  Ring 1 cannot execute SYSEXIT; IRET is the instruction by which
; it can leave for ring 3.  Its frame is built below the return address.
VMI_CRITICAL SYSEXIT
	push	dword [ss:HOLE_GATE_INFO + GATE_SYSEXIT_SS]
	push	ecx
	pushfd
	push	dword [ss:HOLE_GATE_INFO + GATE_SYSEXIT_CS]
	push	edx
	push	eax
	mov	eax, IF_BIT
	SET_VIF
.last:
	iret
.last_end:
.pending:
	; With the return address on top this is the stack of VMI_IRET.  But an IRET looks
	; at NT in EFLAGS, and SYSEXIT does not: clear it.  The frame keeps the task's NT.
	push	dword [esp + 20]
	pushfd
	and	byte [esp + 1], ~EFLAGS_NT >> 8 & 0FFh
	popfd
	int	VECTOR_IRET
VMI_END SYSEXIT
PROGRESS sysexit, VMI_SYSEXIT
