; SPDX-License-Identifier: GPL-2.0-only
;
; The 256 entries of the IDT and the one way in and out behind them, which is
; also the way down to ring 3.
;
; At trap_dispatch(frame) the stack holds, from the lower end (trap.h):
;
;	gs fs es ds  edi esi ebp (esp) ebx edx ecx eax  vector error
;	eip cs eflags		by the processor
;	esp ss			by the processor, from ring 3 only

%include "runtime.inc"
%include "vmi.inc"

STUB_SIZE	equ 16

; Vectors for which the processor pushes an error code (SDM vol. 3, 6.13).
%define has_error(v) ((v) == 8 || ((v) >= 10 && (v) <= 14) || (v) == 17 || (v) == 21)

	extern trap_dispatch

	section .text

	align 16, db 0xcc
	global trap_entries:function (trap_entries.end - trap_entries)
trap_entries:
%assign vector 0
%rep 256
	align STUB_SIZE, db 0xcc
%if !has_error(vector)
	push dword 0
%endif
	push dword vector
	jmp near trap_common
%assign vector vector + 1
%endrep
.end:

	align 16, db 0xcc
	global trap_common:function (trap_common_end - trap_common)
trap_common:
	pushad
	push ds
	push es
	push fs
	push gs

	; The kernel's data segment is its stack segment, with the RPL of the
	; ring that the kernel happens to run in.
	mov eax, ss
	mov ds, eax
	mov es, eax
	cld

	push esp
	call trap_dispatch
	add esp, 4

trap_exit:
	pop gs
	pop fs
	pop es
	pop ds
	popad
	add esp, 8			; vector, error code

	; A return that faults is reported here.
	global trap_iret
trap_iret:
	VMI_IRET
trap_common_end:

; EAX := the image of EFLAGS that an INT pushes.
	align 16, db 0xcc
	global trap_flags:function (trap_flags.end - trap_flags)
trap_flags:
	mov eax, [ss:esp + 8]
	iret
.end:

; void trap_leave(const struct trap_frame *frame)
;
; The frame is the stack from now on.
	align 16, db 0xcc
	global trap_leave:function (trap_leave.end - trap_leave)
trap_leave:
	mov esp, [esp + 4]
	jmp trap_exit
.end:

	section .rodata

	; For the comparison with trap.h
	global trap_inc_vectors:data (2)
trap_inc_vectors:
	db TRAP_SYSCALL, TRAP_USER_EXIT

	align 4

	global trap_stubs:data (trap_stubs.end - trap_stubs)
trap_stubs:
%assign vector 0
%rep 256
	dd trap_entries + vector * STUB_SIZE
%assign vector vector + 1
%endrep
.end:

	section .note.GNU-stack noalloc noexec nowrite progbits
