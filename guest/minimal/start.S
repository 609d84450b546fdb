/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The minimal guest's first instructions: a multiboot header, a stack, and a
 * GDT of its own (the loader's may be gone: Multiboot 0.6.96, section 3.2).
 */
	.section .multiboot, "a"
	.balign	4
	.long	0x1BADB002, 0, -0x1BADB002

	.text
	.globl	_start
	.type	_start, @function
_start:	cli
	lgdt	gdtr
	lidt	empty
	ljmp	$8, $1f
1:	movw	$16, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	movw	%ax, %ss
	movl	$stack_top, %esp
	call	kernel_main
	.size	_start, . - _start

	.data
	.balign	8
gdt:	.quad	0, 0x00CF9B000000FFFF, 0x00CF93000000FFFF
gdtr:	.word	gdtr - gdt - 1
	.long	gdt
empty:	.word	0
	.long	0

	.bss
	.balign	16
	.skip	8192
stack_top:

	.section .note.GNU-stack, "", @progbits
