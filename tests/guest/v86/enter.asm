; SPDX-License-Identifier: GPL-2.0-only
;
; Two ways into V8086 mode, with pattern in the registers that IRET leaves.

%include "pattern.inc"
%include "vmi.inc"

	section .text

	global v86_enter:function (v86_enter.end - v86_enter)
v86_enter:
	mov	esp, [esp + 4]
	LOAD_PATTERN
	VMI_IRET
.end:

	global v86_enter_raw:function (v86_enter_raw.end - v86_enter_raw)
v86_enter_raw:
	mov	esp, [esp + 4]
	LOAD_PATTERN
	iretd
.end:

	section .note.GNU-stack noalloc noexec nowrite progbits
