; SPDX-License-Identifier: GPL-2.0-only
;
; What ring 3 runs in the ends test; task_undefined is a kernel's SYSENTER entry,
; too, whose first exception finds its stack missing.

%include "runtime.inc"

	section .text

	global task_undefined:function (task_undefined.end - task_undefined)
task_undefined:
	ud2
.end:

	global task_sysenter:function (task_sysenter.end - task_sysenter)
task_sysenter:
	sysenter
.end:

	global task_step_sysenter:function (task_step_sysenter.end - task_step_sysenter)
task_step_sysenter:
	pushfd
	or	dword [esp], 0x100	; TF
	popfd
	sysenter
.end:

	global task_null_return:function (task_null_return.end - task_null_return)
task_null_return:
	xor	eax, eax
	mov	ds, eax
	mov	es, eax
	mov	fs, eax
	mov	gs, eax
	int	TRAP_USER_EXIT
.end:

	section .note.GNU-stack noalloc noexec nowrite progbits
