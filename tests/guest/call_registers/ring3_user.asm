; SPDX-License-Identifier: GPL-2.0-only
;
; Ring 3 of the SYSEXIT case: asks the kernel for one, and reports when it lands.

%include "runtime.inc"

	section .text

	global user_syscall:function (user_syscall.end - user_syscall)
user_syscall:
	int	TRAP_SYSCALL
	xor	eax, eax
	int	TRAP_USER_EXIT
.end:

	global user_landed:function (user_landed.end - user_landed)
user_landed:
	int	TRAP_USER_EXIT
.end:
