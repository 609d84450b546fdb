; SPDX-License-Identifier: GPL-2.0-only
;
; What runs in V8086 mode, and what must come of it.  The code is copied to a
; page below 1 MiB, so that every address in it is an offset.

PORT_OPEN	equ 0x61		; v86.c opens it in the TSS's bitmap
PORT_SHUT	equ 0x60
VECTOR_USER	equ 0x81		; its gate is ring 3's
VECTOR_KERNEL	equ 0x90		; its is not

FAULT_DE	equ 0
FAULT_BP	equ 3
FAULT_OF	equ 4
FAULT_UD	equ 6
FAULT_GP	equ 13
FAULT_PF	equ 14

IF		equ 0x200
IOPL3		equ 0x3000
ANY_EAX		equ 0xffffffff

%define idt_error(v) ((v) * 8 + 2)

	section .user.table progbits alloc noexec write align=4
	global v86_cases:data
v86_cases:

	section .user.code16 progbits alloc noexec nowrite align=16
	global v86_code:data
v86_code:

; CASE vector, error, IOPL, EAX, flags, change of SP, description
%assign number 0
%macro CASE 7
	%assign number number + 1
	section .rodata
%%name:
	db	%7, 0
	section .user.table
	dd	%%name, start_ %+ number - v86_code, start_ %+ number %+ .at - v86_code, %1, %2, %3, %4, %5, %6
	section .user.code16
	bits	16
start_ %+ number:
%endmacro

; Where the exception is.
%macro AT 0
.at:
%endmacro

%macro END 0
	hlt
%endmacro

; FAULTS vector, error, IOPL, flags, description, instruction: that faults at once.
%macro FAULTS 6+
CASE %1, %2, %3, ANY_EAX, %4, 0, %5
	AT
	%6
	END
%endmacro

; REFUSED description, instruction: #GP, as IOPL is 0.
%macro REFUSED 2+
FAULTS FAULT_GP, 0, 0, IF, %1, %2
%endmacro

; The code comes as far as this, with EAX as the case says.
%macro ARRIVE 0
	AT
	ud2
	END
%endmacro

REFUSED "INT n", int VECTOR_USER
REFUSED "CLI", cli
REFUSED "STI", sti
REFUSED "PUSHF", pushf
REFUSED "POPF", popf
REFUSED "PUSHFD", o32 pushf
REFUSED "IRET", iret
REFUSED "HLT", hlt
FAULTS FAULT_GP, 0, 3, IF | IOPL3, "HLT with IOPL 3", hlt
REFUSED "MOV from CR0", mov eax, cr0
FAULTS FAULT_UD, 0, 0, IF, "LLDT", lldt ax

CASE FAULT_GP, 0, 0, ANY_EAX, IF, 0, "IN from a port that is shut"
	mov	dx, PORT_SHUT
	AT
	in	al, dx
	END

CASE FAULT_GP, 0, 3, ANY_EAX, IF | IOPL3, 0, "IN from a port that is shut, with IOPL 3"
	mov	dx, PORT_SHUT
	AT
	in	al, dx
	END

REFUSED "OUT to a port that is shut", out PORT_SHUT, al

CASE FAULT_UD, 0, 0, 0x1234, IF, 0, "IN and OUT where the bitmap allows it"
	in	al, PORT_OPEN
	out	PORT_OPEN, al
	mov	eax, 0x1234
	ARRIVE

CASE FAULT_BP, 0, 0, ANY_EAX, IF, 0, "INT3"
	int3
	AT
	END

CASE FAULT_OF, 0, 0, ANY_EAX, IF, 0, "INTO"
	mov	al, 0x7f
	add	al, 1
	into
	AT
	END

CASE FAULT_DE, 0, 0, ANY_EAX, IF, 0, "division by zero"
	xor	bl, bl
	AT
	div	bl
	END

FAULTS FAULT_UD, 0, 0, IF, "UD2", ud2

CASE FAULT_PF, 4, 0, ANY_EAX, IF, 0, "an absent page"
	mov	si, 0x8000
	AT
	mov	ax, [si]
	END

REFUSED "SYSENTER", sysenter

CASE VECTOR_USER, 0, 3, 0x4321, IF | IOPL3, 0, "INT n with IOPL 3"
	mov	eax, 0x4321
	int	VECTOR_USER
	AT
	END

FAULTS FAULT_GP, idt_error(VECTOR_KERNEL), 3, IF | IOPL3, "INT n on the kernel's gate with IOPL 3", int VECTOR_KERNEL

CASE FAULT_UD, 0, 3, 0x3000, IOPL3, 0, "CLI and PUSHF with IOPL 3"
	cli
	pushf
	pop	ax
	movzx	eax, ax
	and	eax, IF | IOPL3
	ARRIVE

CASE FAULT_UD, 0, 3, 0x3200, IF | IOPL3, 0, "STI and PUSHFD with IOPL 3"
	cli
	sti
	pushfd
	pop	eax
	and	eax, IF | IOPL3 | 0x20000
	ARRIVE

CASE FAULT_UD, 0, 3, 0x3001, IOPL3, 0, "POPF with IOPL 3 keeps IOPL"
	push	word 1
	popf
	pushf
	pop	ax
	movzx	eax, ax
	and	eax, IF | IOPL3 | 1
	ARRIVE

CASE FAULT_UD, 0, 3, 0x55, IF | IOPL3, 0, "IRET with IOPL 3"
	cli
	push	word IF
	push	cs
	push	word .target_iret - v86_code
	mov	eax, 0x55
	iret
	END
.target_iret:
	ARRIVE

CASE FAULT_UD, 0, 0, 0x66, IF, 0, "far call and return"
	push	cs
	call	.near
	mov	eax, 0x66
	ARRIVE
.near:
	retf
	END

	section .user.code16
	global v86_code_end:data
v86_code_end:

	section .user.table
	global v86_cases_end:data
v86_cases_end:

	section .note.GNU-stack noalloc noexec nowrite progbits
