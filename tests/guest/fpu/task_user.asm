; SPDX-License-Identifier: GPL-2.0-only
;
; What ring 3 runs in the fpu test.

%include "runtime.inc"
%include "task.inc"

	section .text

%macro END 0
	int	TRAP_USER_EXIT
.end:
%endmacro

TASK task_fninit
	fninit
END

; Leave something in the registers ...
TASK task_first
	fninit
	fld1
END

TASK task_second
	fninit
	fld1
	fld1
	faddp
	fld	st0
	fadd	st0, st1
END

; ... and use it the next time.
TASK task_third
	fld1
	faddp
	fistp	dword [task_result]
END

TASK task_fourth
	faddp
	fistp	dword [task_result]
END

	section .data
	align	4
	global task_result:data (4)
task_result:
	dd	0

	section .note.GNU-stack noalloc noexec nowrite progbits
