; SPDX-License-Identifier: GPL-2.0-only
;
; Port accesses of ring 3: EAX and EDX as the instruction has them, EAX back.

%include "runtime.inc"

	section .text

%macro ACCESS 2+
	global %1:function (%1.end - %1)
%1:
	%2
	int	TRAP_USER_EXIT
.end:
%endmacro

ACCESS user_inb, in al, dx
ACCESS user_inw, in ax, dx
ACCESS user_inl, in eax, dx
ACCESS user_outb, out dx, al
ACCESS user_outw, out dx, ax
ACCESS user_outl, out dx, eax
ACCESS user_insb, rep insb
ACCESS user_outsb, rep outsb
