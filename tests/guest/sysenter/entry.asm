; SPDX-License-Identifier: GPL-2.0-only
;
; The kernel's SYSENTER entry of the sysenter test: notes all that it sees
; (struct seen) and goes back, reaching data through SS alone.  The mask is
; natively EFLAGS.IF, else what VMI_GetInterruptMask says.

%include "vmi.inc"

	section .text

	global sysenter_entry:function (sysenter_entry.end - sysenter_entry)
sysenter_entry:
	mov	[ss:seen.esp], esp
	pushfd
	pop	dword [ss:seen.eflags]
	mov	[ss:saved_eax], eax
	mov	[ss:seen.cs], cs
	mov	[ss:seen.ss], ss
	VMI_SITE GetInterruptMask
	mov	[ss:seen.mask], eax
	mov	eax, [ss:saved_eax]
	mov	esp, seen.eflags
	pushad
	push	ds
	push	es
	push	fs
	push	gs
	mov	esp, [ss:seen.esp]
	inc	dword [ss:entered]
	cmp	dword [ss:kernel_esp], 0
	jne	kernel_back
	push	ecx
	mov	ecx, [ss:linger]
	inc	ecx
	loop	$
	pop	ecx
.sysexit:
	VMI_SYSEXIT
.end:
	global sysexit_site
sysexit_site equ sysenter_entry.sysexit

; void kernel_sysenter(void): SYSENTER in the kernel itself.
	global kernel_sysenter:function (kernel_sysenter.end - kernel_sysenter)
kernel_sysenter:
	pushad
	mov	[kernel_esp], esp
	mov	eax, 0xa0000001
	mov	ebx, 0xb0000004
	mov	ebp, 0xe0000005
	mov	esi, 0x50000006
	mov	edi, 0xf0000007
	stc
	sysenter
.end:
kernel_back:
	mov	esp, [kernel_esp]
	mov	dword [kernel_esp], 0
	popad
	ret

	section .bss

	global seen:data (seen_end - seen)
seen:
	resd	12			; GS to EAX
.eflags	resd	1
.cs	resd	1
.ss	resd	1
.esp	resd	1
.mask	resd	1
seen_end:
saved_eax:
	resd	1
kernel_esp:
	resd	1
	global entered:data (4)
entered:
	resd	1
	global linger:data (4)
linger:					; how long the kernel takes
	resd	1

	section .note.GNU-stack noalloc noexec nowrite progbits
