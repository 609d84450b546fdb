; SPDX-License-Identifier: GPL-2.0-only
; Port I/O.  Each of the six plain calls has a vector of its own, so that the gate knows
; size and direction without any test (port_gates in hypervisor/entry/entry.asm).  INT n
; takes two bytes and changes no register: it is all that a call site gets.

%include "layer.inc"

	section .text

%assign vector VECTOR_PORT
%macro PORT_CALL 1
VMI_ENTRY %1
	int	vector
.body_end:
	ret
VMI_END %1
VMI_INLINE %1, VMI_%1, VMI_%1.body_end
%assign vector vector + 1
%endmacro

; In the order of the vectors (hypervisor/base/hole.h).
PORT_CALL OUTB
PORT_CALL OUTW
PORT_CALL OUTL
PORT_CALL INB
PORT_CALL INW
PORT_CALL INL

; The string calls are the raw instruction, which traps and is emulated.  If it faults
; halfway, ECX, ESI and EDI tell how far it came, as with REP on hardware: the guest's
; handler can return to it.
%macro STRING_CALL 2
VMI_ENTRY %1
	rep %2
.body_end:
	ret
VMI_END %1
VMI_INLINE %1, VMI_%1, VMI_%1.body_end
%endmacro

STRING_CALL INSB, insb
STRING_CALL INSW, insw
STRING_CALL INSL, insd
STRING_CALL OUTSB, outsb
STRING_CALL OUTSW, outsw
STRING_CALL OUTSL, outsd

MONITOR_CALL SetIOPLMask
