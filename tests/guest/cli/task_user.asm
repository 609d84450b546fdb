; SPDX-License-Identifier: GPL-2.0-only
;
; Ring 3's CLI.

	section .text

	global task_cli:function (task_cli.end - task_cli)
task_cli:
	cli
.end:

	section .note.GNU-stack noalloc noexec nowrite progbits
