; SPDX-License-Identifier: GPL-2.0-only
;
; What ring 3 runs in the ends test; task_undefined is a kernel's SYSENTER entry,
; too, whose first exception finds its stack missing.

%include "runtime.inc"
%include "task.inc"

	section .text

TASK task_undefined
	ud2
.end:

TASK task_sysenter
	sysenter
.end:

TASK task_step_sysenter
	pushfd
	or	dword [esp], 0x100	; TF
	popfd
	sysenter
.end:

TASK task_null_return
	xor	eax, eax
	mov	ds, eax
	mov	es, eax
	mov	fs, eax
	mov	gs, eax
	int	TRAP_USER_EXIT
.end:

	section .note.GNU-stack noalloc noexec nowrite progbits
