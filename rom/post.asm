; SPDX-License-Identifier: GPL-2.0-only
; POST, first step: the BIOS calls the ROM once, in real mode.  POST checks whether the
; machine is fit (fitness.inc), reserves memory for the monitor (place.asm), unpacks the
; monitor there and lets it prepare itself (enter.asm).  Then it gives back the part of
; the ROM that only POST needed, and returns.  A guest can see no other change.
; Reading order: header.asm, post.asm, place.asm, enter.asm, int15.asm.

%include "offsets.inc"
%include "fitness.inc"

extern	place_block
extern	enter_monitor
extern	rom_block
extern	rom_checksum
extern	rom_room
extern	pcir_length
extern	pcir_run_time

%define ROM_LENGTH	2		; the header's byte, in units of 512 bytes

	section .post progbits alloc exec nowrite align=16
	bits 16

; Far call from the BIOS.  Keeps every register but AX: 0 there says that this ROM is no
; boot device.
	global post:function (post.end - post)
post:
	pushfd
	pushad
	push	ds
	push	es
	cld
	push	cs
	pop	ds
	movzx	eax, byte [ROM_LENGTH]
	shl	eax, 9
	cmp	eax, [rom_room + 8]
	mov	eax, UNFIT_CUT
	jb	.unfit
	CHECK_CPU
	test	eax, eax
	jnz	.unfit
	MEMORY_TOP
	cmp	eax, MEMORY_MIN
	jae	.big_enough
	mov	eax, UNFIT_SMALL
	jmp	.unfit
.big_enough:
	BLOCK_SIZE
	call	place_block		; EAX := physical address, EDX = size
	test	eax, eax
	jnz	.placed
	mov	eax, UNFIT_NO_BLOCK
	jmp	.unfit
.placed:
	push	eax
	call	enter_monitor
	pop	eax
	jmp	.settle
.unfit:
	call	print_unfit
	mov	eax, NO_BLOCK
.settle:
	call	settle
	pop	es
	pop	ds
	popad
	popfd
	xor	ax, ax
	retf
.end:

; EAX = where the monitor is, or NO_BLOCK.  If the ROM can be written, note that there, and
; shrink the ROM to its resident part.  Under some BIOSes the ROM is read-only even in
; POST: then it keeps its size, and VMI_Init derives the place again.  EAX is never 0,
; which rom_block is until now, so reading it back tells whether the write took effect.
; (All that is written lies in header.asm, so one test is enough.)
settle:
	mov	[rom_block], eax
	cmp	[rom_block], eax
	jne	.read_only
	call	give_back
	call	fit_checksum
.read_only:
	ret
.end:

; Set the ROM's lengths to its run-time length: when POST returns, the BIOS reserves only
; what the header still counts.  A ROM file that was cut even shorter stays as it is.
give_back:
	mov	ax, [pcir_run_time]
	cmp	al, [ROM_LENGTH]
	jae	.shorter
	mov	[ROM_LENGTH], al
	mov	[pcir_length], ax
.shorter:
	ret
.end:

; Make the bytes that the header counts sum up to 0 again.  After give_back they are far
; fewer than 64 KiB, so 16-bit registers reach them all.
fit_checksum:
	movzx	cx, byte [ROM_LENGTH]
	shl	cx, 9
	xor	si, si
	xor	ah, ah
.byte:
	lodsb
	add	ah, al
	loop	.byte
	sub	[rom_checksum], ah
	ret
.end:

; One line on the debug console that names the reason, EAX = UNFIT_*.
print_unfit:
	mov	bx, ax
	mov	si, text_unfit
	call	print
	shl	bx, 1
	mov	si, [unfit_reasons + bx - 2]
	call	print
	mov	si, text_newline
	call	print
	ret
.end:

; Write the string at DS:SI, which ends with a 0, to the debug console.
print:
	lodsb
	test	al, al
	jz	.done
	out	0E9h, al
	jmp	print
.done:
	ret
.end:

	align	4, db 0
unfit_reasons:
	dw	text_cpuid, text_pae, text_apic, text_feature, text_small, text_block, text_cut
text_unfit:	db	"vmi: version ", '0' + VERSION_MAJOR, '.', '0' + VERSION_MINOR
		db	": this machine is unfit, VMI_Init will fail: ", 0
text_cpuid:	db	"the CPU has no CPUID", 0
text_pae:	db	"the CPU has no PAE", 0
text_apic:	db	"the CPU has no local APIC", 0
text_feature:	db	"the CPU lacks TSC, MSRs or CMPXCHG8B", 0
text_small:	db	"less than 12 MiB of RAM", 0
text_block:	db	"the BIOS gives no memory at the top of RAM", 0
text_cut:	db	"the ROM is cut short", 0
text_newline:	db	10, 0
