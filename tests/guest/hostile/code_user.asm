; SPDX-License-Identifier: GPL-2.0-only
;
; Ring 3's part: room for code, and the way out.

%include "runtime.inc"

	section .text

	global user_out:function (user_out.end - user_out)
user_out:
	int	TRAP_USER_EXIT
.end:
	align	64, db 0cch
	global user_code:data (64)
user_code:
	times 64 db 0cch
	global user_scratch:data (256)
	align	64
user_scratch:
	times 256 db 0

	section .note.GNU-stack noalloc noexec nowrite progbits
