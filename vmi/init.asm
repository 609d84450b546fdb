; SPDX-License-Identifier: GPL-2.0-only
; VMI_Init: from the guest's address space, whatever it is, into the monitor,
; which goes on in hypervisor/start/init.c; and the way back if that refuses.
;
; Page S of the reserved block holds a copy of this code at the same offset in
; its page, and tables J map every linear page to S: so one MOV CR3 moves
; execution into S wherever the guest had mapped the ROM, and from there it can
; go where linear equals physical, turn paging off and on, and enter the hole.
; All state is in registers then, as there is no stack:
;
;	EBX  CR0	EDI  CR3	EBP  CR4	ESP  the guest's
;	EDX  the block	ESI  VMI_Init.back as the guest maps it
;	ECX  switch_out in S
;
; Nothing is written but to the caller's stack.

%include "layer.inc"
%include "fitness.inc"

extern	rom_block

%define CR0_PG		(1 << 31)
%define CR4_PAE		(1 << 5)
%define CR4_PGE		(1 << 7)
%define PAGE_OFFSET	0FFFh

	section .switch progbits alloc exec nowrite align=16
	bits 32

; A refusal loads the segment registers again, so each has to be loadable from
; the GDT as it is now: a guest may have changed it behind a register's back.
%macro CHECK_LOADABLE 1
	mov	ecx, %1
	test	ecx, 0FFFCh
	jz	%%null
	verr	cx
	jnz	.unfit
%%null:
%endmacro

; The contract: flat, and of ring 0.
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

; What is on the stack at the switch is struct init_stack of hypervisor/start/init.c.
VMI_ENTRY_16 Init
	mov	eax, 0C3FFFFh		; in 16-bit code: MOV AX, -1; RET
	push	ebx
	mov	ebx, cs
	test	bl, 3			; deprivileged already, or a user
	pop	ebx
	jz	.ring_0
	or	eax, -1
	ret
.ring_0:
	pushfd
	cli
	pushad
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
.back:					; refused; the stack is as it was
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
	popad
	popfd
	or	eax, -1
	ret
VMI_END Init

; EAX := physical address of the monitor's block and ZF clear, or ZF set.  POST
; has noted in the ROM what became of it, if it could.
find_block:
	call	.here
.here:
	pop	ebx
	sub	ebx, .here		; the ROM as the guest maps it
	mov	eax, [ebx + rom_block]
	cmp	eax, NO_BLOCK		; equal: there is none; below: it could not
	jae	.done
	; The ROM could not be patched in POST: derive the place as POST did.
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
	and	eax, ~CR4_PGE		; else stale global entries survive
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

; From the monitor, by a jump into S, with the registers as it got them.
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
	jmp	ecx			; still S, at the ROM's linear address
.unpaged:
	mov	cr0, ebx
.home:
	mov	cr3, edi		; and now the ROM
	mov	cr4, ebp
	jmp	esi
.end:
