; SPDX-License-Identifier: GPL-2.0-only
;
; Where the returns to ring 3 land: the count of interrupts at the first
; instruction, and, after waiting for the one that may still come, at the end.

%include "runtime.inc"

	extern	handled

	section .text

; Ends with EAX = count at the landing, or'ed with the final one << 16; EBX, the
; caller's mark, and ESP as they arrived are in EBX and ESI.
	align 16, db 0xcc
	global land_user:function (land_user.end - land_user)
land_user:
	mov eax, [handled]
	mov esi, esp
	mov ecx, 20000
.wait:
	mov edx, [handled]
	test edx, edx
	loopz .wait
	shl edx, 16
	or eax, edx
	int 0x81
.end:
