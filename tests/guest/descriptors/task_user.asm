; SPDX-License-Identifier: GPL-2.0-only
;
; Ring 3's exception.

	section .text

	global task_undefined:function (task_undefined.end - task_undefined)
task_undefined:
	ud2
.end:

	section .note.GNU-stack noalloc noexec nowrite progbits
