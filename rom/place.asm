; SPDX-License-Identifier: GPL-2.0-only
; POST, second step: reserve memory for the monitor at the top of RAM.  If the BIOS has a
; PMM (Post Memory Manager Specification 1.01), it is asked; nothing else is safe then,
; because the BIOS keeps code and data of its own up there while it runs ROMs.  Without a
; PMM the top of RAM is taken, and hidden from INT 15h (int15.asm).

%include "offsets.inc"

%define PMM_ALLOCATE	0
%define PMM_HANDLE	564D4931h	; "VMI1": names this block to the PMM
%define PMM_FLAGS	0Ah		; extended memory, permanent
%define PAGE		1000h
%define E820_RAM	1

extern	hide_top

	section .post
	bits 16

; EDX = bytes wanted.  EAX := physical address, or 0; keeps EDX.  RAM above a PMM's block
; would be an island behind the monitor: it is hidden from guests, too.
	global place_block:function (place_block.end - place_block)
place_block:
	call	pmm_find
	jc	.no_pmm
	lea	eax, [edx + PAGE]	; more, so that it can be aligned
	call	pmm_allocate
	test	eax, eax
	jz	.done
	add	eax, PAGE - 1
	and	eax, ~(PAGE - 1)
	call	top_of_ram
	cmp	ecx, eax
	jbe	.done
	jmp	.hide
.no_pmm:
	call	top_of_ram
	mov	eax, ecx
	and	eax, ~(PAGE - 1)
	sub	eax, edx
	jbe	.none
.hide:
	call	hide_top
.done:
	ret
.none:
	xor	eax, eax
	ret
.end:

; ES:BX := the PMM structure; CF set if there is none.  The structure lies at a paragraph
; of E0000h-FFFFFh, and its bytes sum up to 0.
pmm_find:
	push	eax
	push	cx
	mov	ax, 0E000h
.next:
	mov	es, ax
	cmp	dword [es:0], "$PMM"
	jne	.no
	movzx	cx, byte [es:5]		; length
	xor	bx, bx
	push	ax
	xor	al, al
.sum:
	add	al, [es:bx]
	inc	bx
	loop	.sum
	test	al, al
	pop	ax
	jz	.found
.no:
	inc	ax
	jnz	.next
	stc
	jmp	.done
.found:
	xor	bx, bx
	clc
.done:
	pop	cx
	pop	eax
	ret
.end:

; EAX = bytes, ES:BX = PMM structure.  EAX := physical address, or 0.
pmm_allocate:
	push	edx
	shr	eax, 4
	push	word PMM_FLAGS
	push	dword PMM_HANDLE
	push	eax
	push	word PMM_ALLOCATE
	call	far [es:bx + 7]
	add	sp, 12
	shl	edx, 16
	mov	dx, ax
	mov	eax, edx
	pop	edx
	cmp	eax, 0FFFFFFFFh		; "unknown function"
	jne	.done
	xor	eax, eax
.done:
	ret
.end:

; ECX := end of the highest usable RAM below 4 GiB, as INT 15h E820h has it; 0 if the BIOS
; has no E820h.  Keeps every other register.
	global top_of_ram:function (top_of_ram.end - top_of_ram)
top_of_ram:
	pushad
	push	es
	sub	sp, 20
	mov	bp, sp
	push	ss
	pop	es
	xor	esi, esi
	xor	ebx, ebx
.entry:
	mov	eax, 0E820h
	mov	edx, "PAMS"
	mov	ecx, 20
	mov	di, bp
	int	15h
	jc	.done
	cmp	eax, "PAMS"
	jne	.done
	cmp	dword [bp + 16], E820_RAM
	jne	.skip
	cmp	dword [bp + 4], 0	; starts above 4 GiB
	jne	.skip
	mov	eax, [bp]
	add	eax, [bp + 8]
	cmp	eax, esi
	jbe	.skip
	mov	esi, eax
.skip:
	test	ebx, ebx
	jnz	.entry
.done:
	add	sp, 20
	pop	es
	mov	bp, sp
	mov	[bp + 24], esi		; ECX of PUSHAD
	popad
	ret
.end:
