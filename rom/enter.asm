; SPDX-License-Identifier: GPL-2.0-only
; POST, third step: enter 32-bit protected mode, unpack the monitor into the reserved
; block, and let its own C code (hypervisor/start/post.c) prepare tables there; then
; return to real mode.  The BIOS may have called with segment limits of 64 KiB or with
; larger ones ("big real mode"); this relies on neither.  The monitor is linked for its
; address in the hole.  There is no paging in POST, so its C code runs in segments whose
; base makes up for the difference.

%include "offsets.inc"

extern	rom_layout
extern	rom_room

; Selectors of the GDT that is built on the stack.
%define SEL_CODE	08h		; 32-bit, base = ROM
%define SEL_FLAT	10h
%define SEL_MON_CODE	18h		; base = block - HOLE_BLOCK
%define SEL_MON_DATA	20h
%define SEL_CODE16	28h
%define SEL_DATA16	30h
%define GDT_SIZE	38h
%define GDT_PLACE	(18 + GDT_SIZE)
%define MAP_ENTRY	20		; of E820h: base, length, type
%define MAP_MAX		32		; entries
%define MAP_SIZE	(4 + MAP_MAX * MAP_ENTRY)
%define LOCALS		(GDT_PLACE + MAP_SIZE)

%define ACCESS_CODE	9Bh
%define ACCESS_DATA	93h
%define FLAGS_32	0C0h		; 4 KiB units, 32-bit
%define LIMIT_64K	0FFFFh

	section .post
	bits 16

; EAX = physical address of the block, EDX = its size.  Keeps every register.
; The stack frame, relative to BP:
;
;	-6	IDTR of the BIOS
;	-12	GDTR for the GDT here
;	-18	GDTR of the BIOS
;	-GDT_PLACE	the GDT
;	-LOCALS	the memory map: a count, then entries
	global enter_monitor:function (enter_monitor.end - enter_monitor)
enter_monitor:
	pushfd
	pushad
	push	ds
	push	es
	push	fs
	push	gs
	mov	bp, sp
	sub	sp, LOCALS
	call	read_map
	cli
	sidt	[bp - 6]
	sgdt	[bp - 18]
	xor	edi, edi
	mov	di, cs
	shl	edi, 4			; EDI := the ROM's linear address
	call	build_gdt
	mov	ebx, edi
	mov	esi, eax		; ESI = block
	call	enable_a20
	push	ax			; whether A20 has to be turned off again
	o32 lgdt [bp - 12]
	movzx	ecx, sp
	xor	edi, edi
	mov	di, ss			; SS:SP for the way back
	mov	eax, cr0
	or	al, 1
	mov	cr0, eax
	jmp	dword SEL_CODE:protected

; The way back, still in protected mode.
back_16:
	mov	ax, SEL_DATA16
	mov	ds, ax
	mov	es, ax
	mov	fs, ax
	mov	gs, ax
	mov	ss, ax
	mov	eax, cr0
	and	al, 0FEh
	mov	cr0, eax
	; A far jump to the ROM's segment, which is a variable: so by RETF.
	mov	ss, di
	mov	esp, ecx		; with its upper half: some BIOSes use that
	shr	ebx, 4
	push	bx
	push	word .real
	retf
.real:
	pop	ax
	call	restore_a20
	o32 lidt [bp - 6]
	o32 lgdt [bp - 18]
	mov	sp, bp
	pop	gs
	pop	fs
	pop	es
	pop	ds
	popad
	popfd
	ret
enter_monitor.end:

; The BIOS's memory map, E820h, to BP - LOCALS: as a guest will see it.  Keeps every
; register.
read_map:
	pushad
	push	es
	push	ss
	pop	es
	mov	dword [bp - LOCALS], 0
	lea	di, [bp - LOCALS + 4]
	xor	ebx, ebx
.entry:
	mov	eax, 0E820h
	mov	edx, "PAMS"
	mov	ecx, MAP_ENTRY
	push	di
	push	bp
	int	15h
	pop	bp
	pop	di
	jc	.done
	cmp	eax, "PAMS"
	jne	.done
	add	di, MAP_ENTRY
	inc	dword [bp - LOCALS]
	cmp	dword [bp - LOCALS], MAP_MAX
	jae	.done
	test	ebx, ebx
	jnz	.entry
.done:
	pop	es
	popad
	ret
.end:

; Our GDT at BP - GDT_PLACE, its GDTR at BP - 12.  EDI = ROM, EAX = block.
build_gdt:
	pushad
	mov	ecx, edi
	lea	di, [bp - GDT_PLACE]
	mov	word [bp - 12], GDT_SIZE - 1
	xor	edx, edx
	mov	dx, ss
	shl	edx, 4
	movzx	ebx, di
	add	edx, ebx
	mov	[bp - 10], edx
	push	ss
	pop	es
	lea	ebx, [eax - HOLE_BLOCK]
	xor	eax, eax
	stosd
	stosd
	mov	edx, ACCESS_CODE | (FLAGS_32 | 0Fh) << 8
	mov	eax, ecx
	call	.descriptor
	xor	eax, eax
	mov	dl, ACCESS_DATA
	call	.descriptor
	mov	eax, ebx
	mov	dl, ACCESS_CODE
	call	.descriptor
	mov	eax, ebx
	mov	dl, ACCESS_DATA
	call	.descriptor
	mov	eax, ecx
	mov	edx, ACCESS_CODE
	call	.descriptor
	mov	eax, ecx
	mov	dl, ACCESS_DATA
	call	.descriptor
	popad
	ret
; Store a descriptor at ES:DI and advance DI.  EAX = base, DL = access byte, DH = flags and
; the upper limit bits; the lower 16 limit bits are FFFFh.
.descriptor:
	push	eax
	mov	word [es:di], LIMIT_64K
	mov	[es:di + 2], ax
	shr	eax, 16
	mov	[es:di + 4], al
	mov	[es:di + 5], dx
	mov	[es:di + 7], ah
	add	di, 8
	pop	eax
	ret
.end:

; Turn A20 on, by port 92h.  AL := 1 if it was off, 0 if it was on.
enable_a20:
	push	es
	push	ds
	push	dx
	xor	ax, ax
	mov	ds, ax
	dec	ax
	mov	es, ax
	mov	ax, [ds:0]		; with A20 off, FFFF:10 is the same byte as 0:0
	mov	dx, ax
	xor	dx, [es:10h]
	jnz	.on
	not	word [ds:0]
	mov	dx, [es:10h]
	not	dx
	not	word [ds:0]
	cmp	dx, ax
	mov	al, 0
	jne	.on
	in	al, 92h
	or	al, 2
	and	al, 0FEh
	out	92h, al
	mov	al, 1
	jmp	.done
.on:
	xor	al, al
.done:
	pop	dx
	pop	ds
	pop	es
	ret
.end:

; AL = what enable_a20 returned.
restore_a20:
	test	al, al
	jz	.done
	in	al, 92h
	and	al, 0FCh
	out	92h, al
.done:
	ret
.end:

	bits 32
; EBX = ROM, ESI = block, EDX = its size, DI:CX = SS:SP of real mode.  The stack stays the
; same, now in a flat segment.
protected:
	mov	ax, SEL_FLAT
	mov	ds, ax
	mov	es, ax
	mov	ss, ax
	mov	fs, ax
	mov	gs, ax
	mov	esp, edi		; the same stack, seen flat
	shl	esp, 4
	add	esp, ecx
	call	unpack_monitor
	lea	eax, [esi + BLOCK_IMAGE]
	call	clear_rest
	; The monitor's C code (post_enter), on its own stack and in its own segments.
	mov	ax, SEL_MON_DATA
	mov	ds, ax
	mov	es, ax
	mov	ss, ax
	mov	esp, [HOLE_BLOCK + BLOCK_IMAGE + HEAD_STACK]
	push	ecx
	mov	eax, edi
	shl	eax, 4
	lea	eax, [eax + ecx + 2]	; the memory map, above what restore_a20 takes
	push	eax
	push	dword rom_layout
	push	cs
	push	dword .returned
	push	dword SEL_MON_CODE
	push	dword [HOLE_BLOCK + BLOCK_IMAGE + HEAD_POST]
	mov	eax, esi		; block
	mov	ecx, ebx		; ROM
	retf
.returned:
	add	esp, 8
	pop	ecx
	jmp	SEL_CODE16:back_16
.end:

; Unpack the monitor, which is one block of LZ4 (lz4_Block_format.md of the LZ4 project).
; A block is a row of sequences.  Each has a token byte, whose two halves are the length
; of the literals and the length of the match; then the literals; then the distance back
; to the match, 16 bits.  If a length is 15, more bytes are added to it, up to the first
; that is not 255.  The last sequence ends after its literals.
; EBX = ROM, ESI = block.  Keeps every register.
unpack_monitor:
	pushad
	lea	edi, [esi + BLOCK_IMAGE]
	mov	esi, [ebx + rom_room + 4]
	mov	ebp, [ebx + rom_room + 8]
	add	esi, ebx
	add	ebp, ebx
	xor	eax, eax
.sequence:
	lodsb
	mov	edx, eax
	mov	ecx, eax
	shr	ecx, 4
	call	.length
	rep movsb
	cmp	esi, ebp
	jae	.done
	lodsw
	mov	ebx, edi
	sub	ebx, eax		; where the match begins
	xor	eax, eax
	mov	ecx, edx
	and	ecx, 15
	call	.length
	add	ecx, 4			; the shortest match
	xchg	esi, ebx
	rep movsb			; byte by byte: it may overlap itself
	mov	esi, ebx
	jmp	.sequence
.done:
	popad
	ret
; ECX = a length from the token; ECX := the whole length.  EAX is below 256, and stays so.
.length:
	cmp	ecx, 15
	jne	.known
.more:
	lodsb
	add	ecx, eax
	cmp	al, 255
	je	.more
.known:
	ret
.end:

; Clear the monitor's data that the image has no bytes for (.bss).  EAX = the image.
clear_rest:
	pushad
	mov	edi, [eax + HEAD_FILE_SIZE]
	mov	ecx, [eax + HEAD_MEMORY_SIZE]
	sub	ecx, edi
	add	edi, eax
	xor	eax, eax
	rep stosb
	popad
	ret
.end:
