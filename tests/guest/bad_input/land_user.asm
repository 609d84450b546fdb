; SPDX-License-Identifier: GPL-2.0-only
;
; Where a good return to ring 3 arrives.

%include "runtime.inc"

	section .text

	global user_landing:function (user_landing.end - user_landing)
user_landing:
	int	TRAP_USER_EXIT
.end:

	section .note.GNU-stack noalloc noexec nowrite progbits
