; SPDX-License-Identifier: GPL-2.0-only
;
; The delay that moves an interrupt one instruction at a time, and the returns
; that it is to hit: each ends at a landing that notes how often the handler
; has run by then, where the stack is, and whether a register was lost.

%include "vmi.inc"
%include "runtime.inc"

%define SLED		1024
%define KERNEL_MARK	0x5a17b0d1

	section .data

	global landing_count:data (4), landing_esp:data (4), landing_mark:data (4)
landing_count:	dd 0
landing_esp:	dd 0
landing_mark:	dd 0

	extern	handled

	section .text

; void critical_wait(uint32_t spins, uint32_t nops): spins + nops + a constant
; number of instructions.
	align 16, db 0xcc
	global critical_wait:function (critical_wait.end - critical_wait)
critical_wait:
	mov ecx, [esp + 4]
.spin:
	loop .spin
	mov edx, .sled_end
	sub edx, [esp + 8]
	jmp edx
	times SLED nop
.sled_end:
	ret
.end:

; What every landing does first.
%macro LAND 0
	mov ecx, [handled]
	mov [landing_count], ecx
	mov [landing_esp], esp
	mov [landing_mark], eax
%endmacro

; void return_by(uint32_t entry): a kernel frame with IF set and a return
; through the ROM's entry, or, if that is 0, through our own site.
	align 16, db 0xcc
	global return_by:function (return_by.end - return_by)
return_by:
	mov edx, [esp + 4]
	mov eax, KERNEL_MARK
	pushfd
	or dword [esp], 0x200
	push cs
	push dword .landed
	test edx, edx
	jnz .by_entry
.site:
	VMI_IRET
.by_entry:
	call edx
.landed:
	LAND
	ret
.end:

; void enable_raw(void)
	align 16, db 0xcc
	global enable_raw:function (enable_raw.end - enable_raw)
	global enable_raw_shadow:data (1)
enable_raw:
	sti
enable_raw_shadow:
	nop
	nop
	ret
enable_raw.end:

; void halt_raw(void): never sleeps on an interrupt that came before the HLT.
	align 16, db 0xcc
	global halt_raw:function (halt_raw.end - halt_raw)
halt_raw:
	sti
	hlt
	ret
.end:

; void leave_by_sysexit(const uint32_t *eip_esp_mark_ds): does not return.
	align 16, db 0xcc
	global leave_by_sysexit:function (leave_by_sysexit.end - leave_by_sysexit)
leave_by_sysexit:
	mov eax, [esp + 4]
	mov edx, [eax]
	mov ecx, [eax + 4]
	mov ebx, [eax + 8]
	mov eax, [eax + 12]
	mov ds, ax
	mov es, ax
	VMI_SYSEXIT
.end:

; void return_badly(void *unused): a frame whose CS is no code segment, so that
; the return is #GP, with IF set in its flags.
	align 16, db 0xcc
	global return_badly:function (return_badly.end - return_badly)
return_badly:
	pushfd
	or dword [esp], 0x200
	push ss
	push dword return_badly
	VMI_IRET
.end:
