; SPDX-License-Identifier: GPL-2.0-only
;
; The shortest handler that there is.  Ring 1 leaves for ring 3 by a plain IRET
; without a trap, if IF is not to change.

	section .text

	global handler_iret:function (handler_iret.end - handler_iret)
handler_iret:
	iretd
.end:

	section .note.GNU-stack noalloc noexec nowrite progbits
