; SPDX-License-Identifier: GPL-2.0-only
;
; Calls with all registers as struct registers (registers.h) has them, and
; stores what comes back.  Only CS and SS are relied on in between.

	bits 32

; The fields of struct registers, in its order.
R_eax          equ 0
R_ebx          equ 4
R_ecx          equ 8
R_edx          equ 12
R_esi          equ 16
R_edi          equ 20
R_ebp          equ 24
R_eflags       equ 28
R_ds           equ 32
R_es           equ 36
R_fs           equ 40
R_gs           equ 44
R_stack        equ 48
R_stack_1      equ 52
R_entry        equ 56
R_esp_before   equ 60
R_esp_after    equ 64
R_SIZE         equ 68

%define R(field) ss:invoke_registers + R_ %+ field

	section .bss align=4
	global invoke_registers:data (R_SIZE)
invoke_registers:
	resb R_SIZE
saved_esp:
	resd 1

	section .text

%macro BEGIN 0
	pushad
	push	ds
	push	es
	push	fs
	push	gs
	mov	[saved_esp], esp
%endmacro

%macro LOAD_ALL 0
	push	dword [R(eflags)]
	mov	es, [R(es)]
	mov	fs, [R(fs)]
	mov	gs, [R(gs)]
	mov	ds, [R(ds)]
	mov	eax, [R(eax)]
	mov	ebx, [R(ebx)]
	mov	ecx, [R(ecx)]
	mov	edx, [R(edx)]
	mov	esi, [R(esi)]
	mov	edi, [R(edi)]
	mov	ebp, [R(ebp)]
	popfd
%endmacro

%macro STORE_ALL 0
	mov	[R(esp_after)], esp
	pushfd
	pop	dword [R(eflags)]
	mov	[R(eax)], eax
	mov	[R(ebx)], ebx
	mov	[R(ecx)], ecx
	mov	[R(edx)], edx
	mov	[R(esi)], esi
	mov	[R(edi)], edi
	mov	[R(ebp)], ebp
	mov	[R(ds)], ds
	mov	[R(es)], es
	mov	[R(fs)], fs
	mov	[R(gs)], gs
	cld
	mov	esp, [ss:saved_esp]
	pop	gs
	pop	fs
	pop	es
	pop	ds
	popad
	ret
%endmacro

	global invoke:function (invoke.end - invoke)
invoke:
	BEGIN
	push	dword [R(stack_1)]
	push	dword [R(stack)]
	mov	[R(esp_before)], esp
	LOAD_ALL
	call	[R(entry)]
	STORE_ALL
.end:

; The frame's flags are those that are loaded, with interrupts off.
	global invoke_iret:function (invoke_iret.end - invoke_iret)
invoke_iret:
	BEGIN
	mov	[R(esp_before)], esp
	push	dword [R(eflags)]
	push	cs
	push	dword .back
	LOAD_ALL
	call	[R(entry)]
.back:
	STORE_ALL
.end:
