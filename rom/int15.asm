; SPDX-License-Identifier: GPL-2.0-only
; POST, part of the second step (place.asm): hide the top of RAM, where the monitor is.
; A handler for INT 15h lets the memory maps E820h, E801h and 88h end below the
; monitor.  The handler and its data live in a KiB that is taken from the end of
; conventional memory (40:13h), because the ROM itself may be read-only; E820h hides
; that KiB as well.

%define BDA_SEGMENT	40h
%define BDA_MEMORY	13h		; KiB of conventional memory
%define VECTOR_15H	(15h * 4)
%define E820_RAM	1

	section .post
	bits 16

; Hide RAM from EAX on.  Keeps every register.
	global hide_top:function (hide_top.end - hide_top)
hide_top:
	pushad
	push	ds
	push	es
	mov	bx, BDA_SEGMENT
	mov	ds, bx
	dec	word [BDA_MEMORY]
	mov	bx, [BDA_MEMORY]
	shl	bx, 6			; KiB to paragraphs
	mov	es, bx
	push	cs
	pop	ds
	mov	si, resident
	xor	di, di
	mov	cx, resident_end - resident
	cld
	rep movsb
	mov	[es:hidden_from - resident], eax
	movzx	eax, bx
	shl	eax, 4
	mov	[es:resident_from - resident], eax
	xor	ax, ax
	mov	ds, ax
	pushf
	cli
	mov	eax, [VECTOR_15H]
	mov	[es:old_vector - resident], eax
	mov	word [VECTOR_15H], handler - resident
	mov	[VECTOR_15H + 2], es
	popf
	pop	es
	pop	ds
	popad
	ret
.end:

; This is copied, and runs at offset 0 of a segment of its own.
	align	16, db 0
resident:
old_vector:	dd	0
hidden_from:	dd	0
resident_from:	dd	0

%define R(label) (label - resident)

handler:
	cmp	ax, 0E820h
	je	e820
	cmp	ax, 0E801h
	je	e801
	cmp	ah, 88h
	je	extended
	jmp	far [cs:R(old_vector)]

; Call the BIOS's handler, and put the carry flag that it returns into the caller's frame:
; [bp + 6] is FLAGS there once BP has been pushed.  Afterwards BP is on the stack.
%macro ASK 0
	pushf
	call	far [cs:R(old_vector)]
	push	bp
	mov	bp, sp
	jc	%%error
	and	byte [bp + 6], 0FEh
	jmp	%%done
%%error:
	or	byte [bp + 6], 1
	stc
%%done:
%endmacro

; E820h: ES:DI := the next entry.  RAM below A0000h ends at resident_from, RAM above at
; hidden_from.
e820:
	ASK
	jc	.done
	cmp	dword [es:di + 16], E820_RAM
	jne	.done
	cmp	dword [es:di + 4], 0	; above 4 GiB: not ours
	jne	.done
	push	eax
	mov	eax, [cs:R(resident_from)]
	cmp	dword [es:di], 0A0000h
	jb	.clip
	mov	eax, [cs:R(hidden_from)]
.clip:
	sub	eax, [es:di]		; the entry's greatest length
	jbe	.gone
	cmp	[es:di + 8], eax
	jbe	.fits
	mov	[es:di + 8], eax
	jmp	.fits
.gone:
	mov	dword [es:di + 16], 2	; nothing left: reserved
.fits:
	pop	eax
.done:
	pop	bp
	iret

; E801h: AX, CX := KiB from 1 to 16 MiB; BX, DX := units of 64 KiB above that.
e801:
	ASK
	jc	.done
	push	esi
	push	edi
	mov	esi, [cs:R(hidden_from)]
	mov	edi, esi
	sub	esi, 100000h
	shr	esi, 10
	cmp	esi, 3C00h
	jbe	.low
	mov	esi, 3C00h
.low:
	sub	edi, 1000000h
	jae	.high
	xor	edi, edi
.high:
	shr	edi, 16
	cmp	ax, si
	jbe	.ax
	mov	ax, si
.ax:
	cmp	cx, si
	jbe	.cx
	mov	cx, si
.cx:
	cmp	bx, di
	jbe	.bx
	mov	bx, di
.bx:
	cmp	dx, di
	jbe	.dx
	mov	dx, di
.dx:
	pop	edi
	pop	esi
.done:
	pop	bp
	iret

; 88h: AX := KiB above 1 MiB.
extended:
	ASK
	jc	.done
	push	esi
	mov	esi, [cs:R(hidden_from)]
	sub	esi, 100000h
	shr	esi, 10
	cmp	esi, 0FFFFh
	ja	.fits
	cmp	ax, si
	jbe	.fits
	mov	ax, si
.fits:
	pop	esi
.done:
	pop	bp
	iret
resident_end:
