; SPDX-License-Identifier: GPL-2.0-only
;
; The client's patchable sites and its entries from the outside.  A site is
; poisoned until rom.c patches it, natively too.

SITE_SIZE	equ 7
%define ENTRIES 48			; vectors 0 to 47; 30h and up are separate

%define has_error(v) ((v) == 8 || ((v) >= 10 && (v) <= 14) || (v) == 17)

	extern client_trap

; %1 name.  UD2 as often as it fits, then a breakpoint.
%macro SITE 1
	global %1:data (SITE_SIZE)
%1:
	ud2
	ud2
	ud2
	int3
%endmacro

	section .text

%macro SITE_FUNCTION 2
	align 16, db 0xcc
	global %1:function (%1_end - %1)
%1:
	SITE %2
	ret
%1_end:
%endmacro

SITE_FUNCTION client_enable, site_enable
SITE_FUNCTION client_disable, site_disable
SITE_FUNCTION client_get_mask, site_get_mask
SITE_FUNCTION client_set_mask, site_set_mask

; uint32_t client_registers(site, before, after): calls `site` with a pattern in
; every register, EAX = 200h; returns the EAX that it left.  EDI to EAX as PUSHAD
; has them.
	align 16, db 0xcc
	global client_registers:function (client_registers.end - client_registers)
client_registers:
	pushad
	mov	[.before_at], edx
	mov	[.after_at], ecx
	mov	[.site], eax
	mov	eax, 0x200
	mov	ebx, 0xb1b2b3b4
	mov	ecx, 0xc1c2c3c4
	mov	edx, 0xd1d2d3d4
	mov	esi, 0x51525354
	mov	edi, 0xd1515253
	mov	ebp, 0xeb515253
	pushad
	push	eax
	mov	eax, [.before_at]
	call	.store
	pop	eax
	add	esp, 32
	call	[.site]
	pushad
	push	eax
	mov	eax, [.after_at]
	call	.store
	pop	eax
	add	esp, 32
	mov	[esp + 28], eax
	popad
	ret
; The eight words above the return address and one more, to EAX.
.store:
	lea	esi, [esp + 8]
	mov	edi, eax
	mov	ecx, 8
	cld
	rep movsd
	mov	esi, [esp + 8 + 4]
	mov	edi, [esp + 8]
	mov	ecx, [esp + 8 + 24]
	ret
.end:

	section .bss
client_registers.before_at:	resd 1
client_registers.after_at:	resd 1
client_registers.site:		resd 1
resume_esp:			resd 1
	global user_eip:data 4
user_eip:			resd 1
	global user_esp:data 4
user_esp:			resd 1
	global sysenter_count:data 4
sysenter_count:			resd 1

	section .text

	align 16, db 0xcc
	global client_entries:function (client_entries.end - client_entries)
client_entries:
%assign vector 0
%rep ENTRIES
	align 16, db 0xcc
%if !has_error(vector)
	push dword 0
%endif
	push dword vector
	jmp near client_common
%assign vector vector + 1
%endrep
.end:

%macro GATE 2
	align 16, db 0xcc
	global %1:function (%1.end - %1)
%1:
	push dword 0
	push dword %2
	jmp near client_common
.end:
%endmacro
GATE client_syscall, 0x80
GATE client_alarm, 0x31

	align 16, db 0xcc
	global client_common:function (client_common_end - client_common)
client_common:
	pushad
	push	ds
	push	es
	mov	eax, ss
	mov	ds, eax
	mov	es, eax
	cld
	mov	eax, esp
	call	client_trap
	pop	es
	pop	ds
	popad
	add	esp, 8			; vector, error code
	SITE site_iret
client_common_end:

; void client_run(const uint32_t words[5]): EIP, CS, EFLAGS, ESP, SS
	align 16, db 0xcc
	global client_run:function (client_run.end - client_run)
client_run:
	pushad
	mov	[resume_esp], esp
	push	dword [eax + 16]
	push	dword [eax + 12]
	push	dword [eax + 8]
	push	dword [eax + 4]
	push	dword [eax]
	mov	ecx, [eax + 16]
	test	cl, 3
	jz	.leave
	mov	ecx, 0x23		; as a user's registers are: USER_SS
	mov	ds, ecx
	mov	es, ecx
.leave:
	jmp	site_iret
.end:

; Back to client_run()'s caller, whatever stack this is.
	align 16, db 0xcc
	global client_resume:function (client_resume.end - client_resume)
client_resume:
	mov	esp, [ss:resume_esp]
	mov	eax, ss
	mov	ds, eax
	mov	es, eax
	popad
	ret
.end:

; void client_enter_16(const void *frame): V8086 mode, EAX = 0, EDX = all ones
	align 16, db 0xcc
	global client_enter_16:function (client_enter_16.end - client_enter_16)
client_enter_16:
	mov	esp, [esp + 4]
	xor	eax, eax
	or	edx, -1
	iret
.end:

; SYSENTER: everything but EDX and ECX is the user's, DS and ES too.
	align 16, db 0xcc
	global client_sysenter:function (client_sysenter_end - client_sysenter)
client_sysenter:
	inc	dword [ss:sysenter_count]
	mov	edx, [ss:user_eip]
	mov	ecx, [ss:user_esp]
	SITE site_sysexit
client_sysenter_end:

	section .rodata
	align 4
	global client_gates:data (client_gates.end - client_gates)
client_gates:
%assign vector 0
%rep ENTRIES
	dd client_entries + vector * 16
%assign vector vector + 1
%endrep
.end:

	section .note.GNU-stack noalloc noexec nowrite progbits
