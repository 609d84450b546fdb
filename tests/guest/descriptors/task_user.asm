; SPDX-License-Identifier: GPL-2.0-only
;
; Ring 3's exception.

%include "task.inc"

	section .text

TASK task_undefined
	ud2
.end:

	section .note.GNU-stack noalloc noexec nowrite progbits
