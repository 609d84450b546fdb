; SPDX-License-Identifier: GPL-2.0-only
;
; The faulting instructions of the exceptions test.  The file's name puts it
; where ring 3 may touch it, so that both rings run the same bytes.
;
; Each case has a pattern in EBX, ESI and EDI and ESP in EBP, faults at its
; `.at`, and ends with INT TRAP_USER_EXIT should it not.  EAX is what its
; preparation (prepare.c) left for it: a selector or an address.  The error
; code is the table's ORed with what the preparation adds.

%include "runtime.inc"

FAULT_DE	equ 0			; SDM vol. 3, table 6-1
FAULT_DB	equ 1
FAULT_BP	equ 3
FAULT_OF	equ 4
FAULT_BR	equ 5
FAULT_UD	equ 6
FAULT_NM	equ 7
FAULT_DF	equ 8
FAULT_NP	equ 11
FAULT_SS	equ 12
FAULT_GP	equ 13
FAULT_PF	equ 14
FAULT_MF	equ 16

; Bit n: in ring n (0 is the kernel's, whichever it is).
KERNEL		equ 1 << 0
USER		equ 1 << 3
BOTH		equ KERNEL | USER

; A gate that nobody set, DPL 0; and one that prepare_absent_vector() sets.
VECTOR_PRIVATE	equ 0x90
VECTOR_ABSENT	equ 0x91

	extern prepare_nothing
	extern prepare_absent_segment
	extern prepare_no_segment
	extern prepare_task_switched
	extern prepare_absent_gate
	extern prepare_absent_vector
	extern prepare_absent_page
	extern prepare_read_only_page
	extern prepare_kernel_page
	extern prepare_fpu

; What an INT n that may not be reports (SDM vol. 3, 6.13): index, IDT bit.
%define idt_error(vector) ((vector) * 8 + 2)

PATTERN_EBX	equ 0xb0b0b0b0
PATTERN_ESI	equ 0x51515151
PATTERN_EDI	equ 0xd1d1d1d1

	section .user.cases progbits alloc noexec write align=4

	global fault_cases:data
fault_cases:

	section .data

	align 4
	global case_argument:data (4)
case_argument:
	dd 0
bounds:
	dd 1, 10
fpu_unmasked:
	dw 0x037b			; all exceptions masked but #Z

; CASE label, vector, error, rings, preparation, description
%macro CASE 6
	section .rodata
%%description:
	db %6, 0
	section .user.cases
	dd %%description, %1, %1.at, %2, %3, %4, %5
	section .text
	align 16, db 0xcc
	global %1:function (%1.end - %1)
%1:
	mov ebx, PATTERN_EBX
	mov esi, PATTERN_ESI
	mov edi, PATTERN_EDI
	mov eax, [case_argument]
	mov ebp, esp
%endmacro

%macro END_CASE 0
	int TRAP_USER_EXIT
.end:
%endmacro

CASE case_divide, FAULT_DE, 0, BOTH, prepare_nothing, "division by zero"
	xor edx, edx
	xor ecx, ecx
.at:	div ecx
END_CASE

CASE case_single_step, FAULT_DB, 0, BOTH, prepare_nothing, "single step"
	pushfd
	or dword [esp], 0x100		; TF
	popfd
	nop				; the step that is reported
.at:	nop
END_CASE

CASE case_breakpoint, FAULT_BP, 0, BOTH, prepare_nothing, "breakpoint"
	int3
.at:	nop
END_CASE

CASE case_int_3, FAULT_BP, 0, BOTH, prepare_nothing, "INT n on the breakpoint's vector"
	db 0xcd, 3
.at:	nop
END_CASE

CASE case_overflow, FAULT_OF, 0, BOTH, prepare_nothing, "INTO"
	mov eax, 0x7fffffff
	add eax, 1
	into
.at:	nop
END_CASE

CASE case_bound, FAULT_BR, 0, BOTH, prepare_nothing, "BOUND"
	mov eax, 11
.at:	bound eax, [bounds]
END_CASE

CASE case_undefined, FAULT_UD, 0, BOTH, prepare_nothing, "UD2"
.at:	ud2
END_CASE

CASE case_no_fpu, FAULT_NM, 0, BOTH, prepare_task_switched, "FPU with CR0.TS"
.at:	fninit
END_CASE

CASE case_double, FAULT_DF, 0, BOTH, prepare_absent_gate, "#DE whose gate is absent"
	xor edx, edx
	xor ecx, ecx
.at:	div ecx
END_CASE

CASE case_absent_segment, FAULT_NP, 0, BOTH, prepare_absent_segment, "ES := a segment that is not present"
.at:	mov es, ax
END_CASE

CASE case_absent_stack, FAULT_SS, 0, BOTH, prepare_absent_segment, "SS := a segment that is not present"
.at:	mov ss, ax
END_CASE

CASE case_absent_vector, FAULT_NP, idt_error(VECTOR_ABSENT), BOTH, prepare_absent_vector, "INT n on a gate that is not present"
.at:	int VECTOR_ABSENT
END_CASE

CASE case_no_segment, FAULT_GP, 0, BOTH, prepare_no_segment, "ES := a selector beyond the GDT"
.at:	mov es, ax
END_CASE

CASE case_null_stack, FAULT_GP, 0, BOTH, prepare_nothing, "SS := null"
	xor eax, eax
.at:	mov ss, ax
END_CASE

CASE case_far_jump, FAULT_GP, 0, BOTH, prepare_no_segment, "far jump to a selector beyond the GDT"
	push eax
	push dword 0
	mov ebp, esp
.at:	jmp far [esp]
END_CASE

CASE case_private_vector, FAULT_GP, idt_error(VECTOR_PRIVATE), USER, prepare_nothing, "INT n on the kernel's vector"
.at:	int VECTOR_PRIVATE
END_CASE

CASE case_cli, FAULT_GP, 0, USER, prepare_nothing, "CLI"
.at:	cli
END_CASE

CASE case_hlt, FAULT_GP, 0, USER, prepare_nothing, "HLT"
.at:	hlt
END_CASE

CASE case_in, FAULT_GP, 0, USER, prepare_nothing, "IN"
	mov edx, 0x3fd
.at:	in al, dx
END_CASE

CASE case_read_cr0, FAULT_GP, 0, USER, prepare_nothing, "MOV from CR0"
.at:	mov eax, cr0
END_CASE

CASE case_write_cr3, FAULT_GP, 0, USER, prepare_nothing, "MOV to CR3"
.at:	mov cr3, eax
END_CASE

CASE case_lidt, FAULT_GP, 0, USER, prepare_nothing, "LIDT"
.at:	lidt [bounds]
END_CASE

CASE case_ltr, FAULT_GP, 0, USER, prepare_nothing, "LTR"
.at:	ltr ax
END_CASE

CASE case_invlpg, FAULT_GP, 0, USER, prepare_nothing, "INVLPG"
.at:	invlpg [bounds]
END_CASE

CASE case_wbinvd, FAULT_GP, 0, USER, prepare_nothing, "WBINVD"
.at:	wbinvd
END_CASE

CASE case_rdmsr, FAULT_GP, 0, USER, prepare_nothing, "RDMSR"
	mov ecx, 0x10
.at:	rdmsr
END_CASE

CASE case_kernel_segment, FAULT_GP, 0x10, USER, prepare_nothing, "ES := the kernel's data"
	mov eax, 0x10			; SELECTOR_KERNEL_DATA
.at:	mov es, ax
END_CASE

CASE case_read_absent, FAULT_PF, 0, BOTH, prepare_absent_page, "read of an absent page"
.at:	mov ecx, [eax]
END_CASE

CASE case_write_absent, FAULT_PF, 2, BOTH, prepare_absent_page, "write to an absent page"
.at:	mov [eax], ecx
END_CASE

CASE case_push_absent, FAULT_PF, 0, BOTH, prepare_absent_page, "PUSH from an absent page"
.at:	push dword [eax]
END_CASE

CASE case_write_read_only, FAULT_PF, 3, BOTH, prepare_read_only_page, "write to a read-only page"
.at:	mov [eax], ecx
END_CASE

CASE case_read_private, FAULT_PF, 1, USER, prepare_kernel_page, "read of a kernel page"
.at:	mov ecx, [eax]
END_CASE

CASE case_write_private, FAULT_PF, 3, USER, prepare_kernel_page, "write to a kernel page"
.at:	mov [eax], ecx
END_CASE

CASE case_fpu, FAULT_MF, 0, BOTH, prepare_fpu, "FPU division by zero"
	fninit
	fldcw [fpu_unmasked]
	fld1
	fldz
	fdivp st1, st0
.at:	fwait
END_CASE

	section .user.cases

	global fault_cases_end:data
fault_cases_end:

	section .note.GNU-stack noalloc noexec nowrite progbits
