; SPDX-License-Identifier: GPL-2.0-only
;
; Where every kernel on this runtime starts: the multiboot header (Multiboot
; Specification 0.6.96, 3.1) and the way into C.  The loader leaves 32-bit
; protected mode, flat segments of unknown selectors, paging and interrupts off.

MULTIBOOT_MAGIC	equ 0x1badb002
MULTIBOOT_FLAGS	equ 0x00000003		; page-aligned modules, memory sizes

BOOT_STACK_SIZE	equ 16384

	extern boot_start
	extern bss_start
	extern bss_end

	section .multiboot progbits alloc noexec nowrite align=4

	dd MULTIBOOT_MAGIC
	dd MULTIBOOT_FLAGS
	dd -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

	section .text

	global start:function (start.end - start)
start:
	mov esp, boot_stack_top
	mov edx, eax			; the magic, kept from the clearing

	; Not every loader clears what the file does not fill.
	cld
	mov edi, bss_start
	mov ecx, bss_end
	sub ecx, edi
	xor eax, eax
	rep stosb

	push eax			; a clean EFLAGS: NT, AC and DF off
	popfd
	xor ebp, ebp			; where a backtrace ends

	; boot_start(magic, info): cdecl
	push ebx
	push edx
	call boot_start
.hang:
	jmp .hang			; boot_start() does not return
.end:

	section .bss.stack nobits alloc noexec write align=4096

	global boot_stack:data (BOOT_STACK_SIZE)
boot_stack:
	resb BOOT_STACK_SIZE
	global boot_stack_top
boot_stack_top:

	section .note.GNU-stack noalloc noexec nowrite progbits
