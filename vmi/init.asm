; SPDX-License-Identifier: GPL-2.0-only
; VMI_Init: change from the guest's address space, whatever that is, to the monitor's.
; The monitor goes on in hypervisor/start/enter.asm and init.c.  If it refuses, it comes
; back here, and the guest goes on as it was.
;
; The monitor needs PAE paging and tables of its own, and the guest may have any kind of
; paging and have mapped the ROM anywhere.  So POST has prepared two things.  Page S, in
; the reserved block, holds a copy of this code, at the same offset in its page.  Tables
; J map *every* linear page to S.  Then one MOV CR3, J makes execution go on in S,
; wherever the guest had mapped the ROM.  From there it jumps to the address where
; linear = physical, turns paging off and on, and enters the hole.  There is no stack
; meanwhile, so all state is in registers:
;
;	EBX  CR0	EDI  CR3	EBP  CR4	ESP  the guest's
;	EDX  physical address of the reserved block
;	ESI  VMI_Init.back, as the guest maps it
;	ECX  switch_out in S
;
; Nothing is written but the caller's stack.

%include "layer.inc"
%include "fitness.inc"

extern	rom_block

%define CR0_PG		(1 << 31)
%define CR4_PAE		(1 << 5)
%define CR4_PGE		(1 << 7)
%define PAGE_OFFSET	0FFFh

	section .switch progbits alloc exec nowrite align=16
	bits 32

; A refusal loads the segment registers again.  So each must be loadable from the GDT as
; it is now: the guest may have changed a descriptor since it loaded the register.
%macro CHECK_LOADABLE 1
	mov	ecx, %1
	test	ecx, 0FFFCh
	jz	%%null
	verr	cx
	jnz	.unfit
%%null:
%endmacro

; docs/abi.md demands of the caller that this segment is flat and of ring 0.
%macro CHECK_FLAT 1
	mov	eax, %1
	lar	ecx, eax
	jnz	.unfit
	test	ecx, 6000h		; DPL
	jnz	.unfit
	lsl	ecx, eax
	inc	ecx
	jnz	.unfit
%endmacro

; What is on the stack at the switch is struct init_stack of hypervisor/start/init.h.
VMI_ENTRY_16 Init
	mov	eax, 0C3FFFFh		; in 16-bit code: MOV AX, -1; RET
	push	ebx
	mov	ebx, cs
	test	bl, 3			; called again by a guest, or from ring 3?
	pop	ebx
	jz	.ring_0
	or	eax, -1
	ret
.ring_0:
	pushfd
	; No flag of the caller's may matter on the way: TF would fault where the guest's IDT
	; is not mapped, DF and NT would lead the monitor astray.
	push	dword 2
	popfd
	pushad
	mov	eax, dr7		; nor may a breakpoint
	push	eax
	xor	eax, eax
	mov	dr7, eax
	CHECK_CPU
	test	eax, eax
	jnz	.unfit
	CHECK_FLAT cs
	CHECK_FLAT ss
	verw	ax
	jnz	.unfit
	CHECK_LOADABLE ds
	CHECK_LOADABLE es
	CHECK_LOADABLE fs
	CHECK_LOADABLE gs
	call	find_block
	jz	.unfit
	push	ds
	push	es
	push	fs
	push	gs
	push	ss
	push	cs
	sub	esp, 24
	sgdt	[esp]
	sidt	[esp + 8]
	sldt	[esp + 16]
	str	[esp + 20]
	mov	edx, eax
	mov	ebx, cr0
	mov	edi, cr3
	mov	ebp, cr4
	call	switch_in		; the return address is .back
.back:					; refused: the stack is as it was at the call
	lgdt	[esp]
	lidt	[esp + 8]
	add	esp, 24
	pop	eax			; CS
	call	.here
.here:
	pop	ecx
	add	ecx, .reload - .here
	push	eax
	push	ecx
	retf
.reload:
	pop	ss
	pop	gs
	pop	fs
	pop	es
	pop	ds
.unfit:
	pop	eax
	mov	dr7, eax
	popad
	popfd
	or	eax, -1
	ret
VMI_END Init

; EAX := physical address of the reserved block, with ZF clear; or ZF set: there is none.
; POST has noted the address in the ROM, or that there is no block, if it could write
; there.
find_block:
	call	.here
.here:
	pop	ebx
	sub	ebx, .here		; the ROM as the guest maps it
	mov	eax, [ebx + rom_block]
	cmp	eax, NO_BLOCK		; equal: there is none, ZF is set
	jae	.done
	; 0: the ROM was read-only in POST.  Derive the place by the rule that POST used.
	MEMORY_TOP
	cmp	eax, MEMORY_MIN
	jb	.small
	BLOCK_SIZE
	sub	eax, edx
	sub	eax, FIRMWARE_TOP
	ret
.small:
	xor	eax, eax
.done:
	ret
.end:

; Into the monitor, with the registers above but ESI and ECX, which are set here.  The
; return address is .back.
	global switch_in:function (switch_in.end - switch_in)
switch_in:
	pop	esi
	mov	ecx, esi
	add	ecx, switch_out - VMI_Init.back
	and	ecx, PAGE_OFFSET
	lea	ecx, [ecx + edx + BLOCK_SWITCH]
	test	ebx, CR0_PG
	lea	eax, [ecx + .physical - switch_out]
	jz	.unpaged
	mov	eax, ebp
	and	eax, ~CR4_PGE		; global TLB entries would survive the load of CR3
	mov	cr4, eax
	lea	eax, [edx + BLOCK_J_PD]
	test	ebp, CR4_PAE
	jz	.load
	lea	eax, [edx + BLOCK_PDPT]
.load:
	mov	cr3, eax		; from the next instruction on: page S
	lea	eax, [ecx + .in_s - switch_out]
.unpaged:
	jmp	eax
.in_s:
	mov	eax, ebx
	and	eax, ~CR0_PG
	mov	cr0, eax
.physical:
	mov	eax, ebp
	and	eax, ~CR4_PGE
	or	eax, CR4_PAE
	mov	cr4, eax
	lea	eax, [edx + BLOCK_FIRST_PDPT]
	mov	cr3, eax
	mov	eax, ebx
	or	eax, CR0_PG
	mov	cr0, eax
	mov	eax, [HOLE_BLOCK + BLOCK_IMAGE + HEAD_INIT]
	jmp	eax
.end:

; The way back: from the monitor, by a jump into S, with the registers as it got them.
	global switch_out:function (switch_out.end - switch_out)
switch_out:
	mov	eax, cr0
	and	eax, ~CR0_PG
	mov	cr0, eax
	mov	eax, ebp
	and	eax, ~CR4_PGE
	mov	cr4, eax
	test	ebx, CR0_PG
	jz	.unpaged
	lea	eax, [edx + BLOCK_J_PD]
	test	ebp, CR4_PAE
	jz	.load
	lea	eax, [edx + BLOCK_PDPT]
.load:
	mov	cr3, eax
	mov	cr0, ebx
	lea	ecx, [esi + .home - VMI_Init.back]
	jmp	ecx			; still in S, but at the ROM's linear address
.unpaged:
	mov	cr0, ebx
.home:
	mov	cr3, edi		; from the next instruction on: the ROM
	mov	cr4, ebp
	jmp	esi
.end:
