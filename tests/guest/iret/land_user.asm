; SPDX-License-Identifier: GPL-2.0-only
;
; Where an IRET to ring 3 arrives: the registers are compared by the kernel,
; which gets them as they are; flags and segments are noted.

%include "runtime.inc"

	section .text

	global land:function (land.end - land)
land:
	mov	eax, ds
	mov	[ss:land_segments], eax
	mov	eax, es
	mov	[ss:land_segments + 4], eax
	mov	eax, fs
	mov	[ss:land_segments + 8], eax
	mov	eax, gs
	mov	[ss:land_segments + 12], eax
	mov	eax, 0xa0000001
	int	TRAP_USER_EXIT
.end:

; On a stack that is not flat: one PUSH must hit its top word.
	global land_push:function (land_push.end - land_push)
land_push:
	push	dword 0x600dbeef
	int	TRAP_USER_EXIT
.end:

	global land_cli:function (land_cli.end - land_cli)
land_cli:
	cli
	int	TRAP_USER_EXIT
.end:

	section .data
	align	4
	global land_segments:data (16)
land_segments:
	dd	-1, -1, -1, -1

	section .note.GNU-stack noalloc noexec nowrite progbits
