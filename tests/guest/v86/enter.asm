; SPDX-License-Identifier: GPL-2.0-only
;
; Two ways into V8086 mode, with pattern in the registers that IRET leaves.

%include "vmi.inc"

%macro PATTERN 0
	mov	eax, 0xa0000001
	mov	ecx, 0xc0000002
	mov	edx, 0xd0000003
	mov	ebx, 0xb0000004
	mov	ebp, 0xe0000005
	mov	esi, 0x50000006
	mov	edi, 0xf0000007
%endmacro

	section .text

	global v86_enter:function (v86_enter.end - v86_enter)
v86_enter:
	mov	esp, [esp + 4]
	PATTERN
	VMI_IRET
.end:

	global v86_enter_raw:function (v86_enter_raw.end - v86_enter_raw)
v86_enter_raw:
	mov	esp, [esp + 4]
	PATTERN
	iretd
.end:

	section .note.GNU-stack noalloc noexec nowrite progbits
