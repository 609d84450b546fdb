; SPDX-License-Identifier: GPL-2.0-only
;
; What ring 3 runs in the stray test: nothing, for ECX turns.

%include "runtime.inc"
%include "task.inc"

	section .text

TASK task_spin
	dec	ecx
	jnz	task_spin
	int	TRAP_USER_EXIT
.end:

	section .note.GNU-stack noalloc noexec nowrite progbits
