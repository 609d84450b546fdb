; SPDX-License-Identifier: GPL-2.0-only
; A handler for an interrupt at vector 8, where the runtime's stub expects the
; error code of a double fault. .

	bits 32
	section .bss align=4
	global ticks_at_8
ticks_at_8:
	resd	1

	section .text
	global tick_at_8:function (tick_at_8.end - tick_at_8)
tick_at_8:
	inc	dword [ticks_at_8]
	iret
.end:
