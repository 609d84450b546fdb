; SPDX-License-Identifier: GPL-2.0-only
;
; Ring 3's CLI.

%include "task.inc"

	section .text

TASK task_cli
	cli
.end:

	section .note.GNU-stack noalloc noexec nowrite progbits
