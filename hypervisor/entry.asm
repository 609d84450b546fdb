; SPDX-License-Identifier: GPL-2.0-only
; The gate: the only way into the monitor and out of it.  Every vector comes
; through a stub (gate.c writes them, behind this code), builds struct frame,
; and calls trap() in trap.c; every exit loads what the frame then holds.
;
; In paged mode the guest's address spaces map this code and the entry stack,
; but not the monitor: the sites of LOAD_CR3 change over.  In segment mode they
; are patched out at start-up (post.c).
;
; The stack in the monitor, as struct frame has it:
;
;	SS ESP EFLAGS CS EIP	by the processor (SS, ESP only from ring 1 or 3)
;	error			by the processor, or 0
;	vector
;	DS ES
;	EAX ... EDI		PUSHA; ESP points here

%include "offsets.inc"

extern	trap
extern	init_main
extern	init_registers

; MOV CR3, the word at gate_info + %1; EAX is lost.  The site is recorded.
%macro LOAD_CR3 1
%%site:
	mov	eax, [ss:HOLE_GATE_INFO + %1]
	mov	cr3, eax
%%site_end:
	[section .cr3_sites]
	dd	%%site, %%site_end - %%site
	__SECT__
%endmacro

; If the instruction at %1 faults at CPL 0, execution goes on at %2.
%macro FIXUP 2
	[section .extable]
	dd	%1, %2
	__SECT__
%endmacro

	section .cr3_sites progbits alloc noexec nowrite align=4
	section .extable progbits alloc noexec nowrite align=4
	section .gate progbits alloc exec nowrite align=16
	bits 32

	global gate_enter:function (gate_enter.end - gate_enter)
gate_enter:
	push	ds
	push	es
	pusha
	cld
	test	byte [esp + FRAME_EFLAGS + 2], 2	; VM
	jnz	.from_guest
	test	byte [esp + FRAME_CS], 3
	jz	gate_nested
.from_guest:
	LOAD_CR3 GATE_MONITOR_CR3
	mov	eax, MONITOR_DS
	mov	ds, eax
	mov	es, eax
	mov	eax, esp
	call	trap
	global gate_exit
gate_exit:
	LOAD_CR3 GATE_GUEST_CR3
	popa
	global gate_pop_es
gate_pop_es:
	pop	es
	global gate_pop_ds
gate_pop_ds:
	pop	ds
	lea	esp, [esp + 8]		; vector, error
	global gate_iret
gate_iret:
	iret
	global gate_end
gate_end:
gate_enter.end equ gate_end

; SYSENTER: to the guest's own entry at ring 1, virtual IF off, all registers and
; flags as they are but NT, which must not be set at an IRET.  (TF is not set
; here: it made a #DB before the first instruction, see debug.c.)
	global gate_sysenter:function (gate_sysenter.end - gate_sysenter)
gate_sysenter:
	push	dword [ss:HOLE_GATE_INFO + GATE_SYSENTER_SS]
	push	dword [ss:HOLE_GATE_INFO + GATE_SYSENTER_ESP]
	pushfd
	or	byte [esp + 1], EFLAGS_IF >> 8
	push	dword [ss:HOLE_GATE_INFO + GATE_SYSENTER_CS]
	push	dword [ss:HOLE_GATE_INFO + GATE_SYSENTER_EIP]
	push	dword 2
	popfd
	mov	dword [ss:HOLE_STATE + STATE_VIRTUAL_IF], 0
.iret:
	iret
.end:
	global gate_sysenter_iret
gate_sysenter_iret equ gate_sysenter.iret

; Interrupts at vectors whose exceptions have an error code (irq_adopt.c).
%macro GATE_INTERRUPT 1
	global gate_interrupt_%1:function (gate_interrupt_%1.end - gate_interrupt_%1)
gate_interrupt_%1:
	push	byte 0
	push	byte %1
	jmp	gate_enter
.end:
%endmacro
GATE_INTERRUPT 8
GATE_INTERRUPT 17

; void gate_resume(frame): leave by another frame than the one we came with.
	global gate_resume:function (gate_resume.end - gate_resume)
gate_resume:
	mov	esp, eax
	jmp	gate_exit
.end:

; An exception, or an interrupt while halted, in the monitor itself.  CR3 may
; be either: it is put back.
	global gate_nested:function (gate_nested.end - gate_nested)
gate_nested:
	mov	ebx, cr3
	LOAD_CR3 GATE_MONITOR_CR3
	mov	eax, MONITOR_DS
	mov	ds, eax
	mov	es, eax
	mov	eax, esp
	call	trap
	mov	cr3, ebx
	popa
	pop	es
	pop	ds
	add	esp, 8
	iret
.end:

	section .text align=16
; uint32_t copy_fixup(to, from, n): bytes that could not be copied because of
; a fault, which cpu->monitor_fault then names.
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

; uint32_t msr_read_fixup(index, uint64_t *value): 0, or 1 if there is no such MSR.
	global msr_read_fixup:function (msr_read_fixup.end - msr_read_fixup)
msr_read_fixup:
	push	ebx
	mov	ecx, eax
	mov	ebx, edx
.read:
	rdmsr
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
	FIXUP	msr_read_fixup.read, msr_read_fixup.bad

; uint32_t gate_load_fs(selector), gate_load_gs: 0, or 1 if it faults.
%macro LOAD_SEGMENT 1
	global gate_load_%1:function (gate_load_%1.end - gate_load_%1)
gate_load_%1:
.load:
	mov	%1, ax
	xor	eax, eax
	ret
.bad:
	mov	eax, 1
	ret
.end:
	FIXUP	gate_load_%1.load, gate_load_%1.bad
%endmacro
LOAD_SEGMENT fs
LOAD_SEGMENT gs

; From page S (vmi/init.asm), with the guest's state in registers.
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
	call	init_main		; (frame): fills it, or refuses
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
