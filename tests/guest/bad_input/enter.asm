; SPDX-License-Identifier: GPL-2.0-only
;
; The returns under test, and the kernel's place where a good one arrives.

%include "vmi.inc"

	section .text

; void bad_iret(const void *frame): the frame becomes the stack
	global bad_iret:function (bad_iret.end - bad_iret)
bad_iret:
	mov	esp, [esp + 4]
.site:
	VMI_IRET
.end:
	global bad_iret_site
bad_iret_site equ bad_iret.site

; void bad_sysexit(uint32_t eip, uint32_t esp)
	global bad_sysexit:function (bad_sysexit.end - bad_sysexit)
bad_sysexit:
	mov	edx, [esp + 4]
	mov	ecx, [esp + 8]
.site:
	VMI_SYSEXIT
.end:
	global bad_sysexit_site
bad_sysexit_site equ bad_sysexit.site

	global kernel_landing:function (kernel_landing.end - kernel_landing)
kernel_landing:
	ud2
.end:

	section .note.GNU-stack noalloc noexec nowrite progbits
