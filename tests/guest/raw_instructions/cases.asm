; SPDX-License-Identifier: GPL-2.0-only
;
; The cases of the raw instructions test: each a few instructions that are
; called with known registers (raw_instructions.c) and may fault.

RAW_STEP	equ 1			; raw_instructions.h
RAW_TIMER	equ 2
RAW_USER	equ 4
TAIL		equ 0x40000000		; a page with nothing after it
TAIL_END	equ 0x40001000
READ_ONLY	equ 0x40002000
LOW		equ 0x6000		; RET, INT (ring 3), RETF, RETF 16
LOW_USER	equ LOW + 1
LOW_RETF	equ LOW + 3
LOW_RETF_16	equ LOW + 4

KERNEL_CS	equ 0x08		; guest/runtime/cpu.h, with RPL 0
KERNEL_SS	equ 0x10
USER_CS		equ 0x1b
USER_SS		equ 0x23
SELECTOR_FS	equ 0x30		; surroundings.c
SELECTOR_GS	equ 0x38
SELECTOR_TSS_2	equ 0x40
SELECTOR_LDT	equ 0x48
SELECTOR_ABSENT	equ 0x50
SELECTOR_STACK_16 equ 0x58
BEYOND		equ 0x80
SCRATCH		equ 0x3ff

	extern raw_buffer
	extern raw_gdtr
	extern raw_idtr
	extern raw_other_gdtr
	extern raw_other_idtr
	extern raw_high_gdtr

	section .data align=4
	global raw_cases:data
raw_cases:

; CASE "name", flags
%assign case_number 0
%macro CASE 2
	section .rodata
%%name:	db %1, 0
	section .data
	dd %%name, %%code, %2
	section .text
%%code:
%assign case_number case_number + 1
case_%[case_number]:
%endmacro

; CODE "name", flags, {instruction}...: a case of those instructions
%macro CODE 3-*
	CASE %1, %2
%rep %0 - 2
	%3
%rotate 1
%endrep
	ret
%endmacro

; STEPPED "name", {instruction}...
%macro STEPPED 2-*
	CASE %1, RAW_STEP
%rep %0 - 1
	%2
%rotate 1
%endrep
	ret
%endmacro

%include "cases_system.inc"
%include "cases_port.inc"
%include "cases_transfer.inc"

	section .data
	global raw_cases_end:data
raw_cases_end:
	dd 0, cases_code_end, 0
	section .text
cases_code_end:

	section .note.GNU-stack noalloc noexec nowrite progbits
