; SPDX-License-Identifier: GPL-2.0-only
;
; Ring 3 turning until the kernel says stop.

%include "runtime.inc"

	section .text

	global task_spin:function (task_spin.end - task_spin)
task_spin:
	inc dword [spin_rounds]
	cmp dword [spin_stop], 0
	je task_spin
	int TRAP_USER_EXIT
.end:

	section .data

	align 4
	global spin_stop:data (4)
spin_stop:
	dd 0
	global spin_rounds:data (4)
spin_rounds:
	dd 0

	section .note.GNU-stack noalloc noexec nowrite progbits
