; SPDX-License-Identifier: GPL-2.0-only
; Time.  The cycle counters are read without the monitor: real time is the TSC; stolen
; time and the frequency stand in struct gate_info, a page that the monitor keeps up to
; date (hypervisor/dev/time.c).

%include "layer.inc"

%define REAL		0
%define AVAILABLE	1
%define STOLEN		2

	section .text

VMI_ENTRY GetCycleFrequency
	mov	eax, [HOLE_GATE_INFO + GATE_CYCLE_HZ]
	mov	edx, [HOLE_GATE_INFO + GATE_CYCLE_HZ + 4]
	ret
VMI_END GetCycleFrequency

; EAX = counter; EDX:EAX := its reading.  The 64 bits of stolen time cannot be read at
; once.  They change only while the monitor runs, and stolen_changes with them: if that
; number is the same before and after, the reading is of one moment; else read again.
VMI_ENTRY GetCycleCounter
	cmp	eax, STOLEN
	ja	.unknown
	je	.stolen
	cmp	eax, AVAILABLE
	je	.available
	rdtsc
	ret
.available:
	mov	ecx, [HOLE_GATE_INFO + GATE_STOLEN_CHANGES]
	rdtsc
	sub	eax, [HOLE_GATE_INFO + GATE_STOLEN]
	sbb	edx, [HOLE_GATE_INFO + GATE_STOLEN + 4]
	cmp	ecx, [HOLE_GATE_INFO + GATE_STOLEN_CHANGES]
	jne	.available
	ret
.stolen:
	mov	ecx, [HOLE_GATE_INFO + GATE_STOLEN_CHANGES]
	mov	eax, [HOLE_GATE_INFO + GATE_STOLEN]
	mov	edx, [HOLE_GATE_INFO + GATE_STOLEN + 4]
	cmp	ecx, [HOLE_GATE_INFO + GATE_STOLEN_CHANGES]
	jne	.stolen
	ret
.unknown:
	xor	eax, eax
	xor	edx, edx
	ret
VMI_END GetCycleCounter

; EAX = flags, ECX:EDX = expiry, on the stack the period.  The monitor gets the period in
; ESI:EDI.
VMI_ENTRY SetAlarm
	push	ebx
	push	esi
	push	edi
	mov	edi, [esp + 16]
	mov	esi, [esp + 20]
	mov	ebx, CALL_SetAlarm
	int	VECTOR_CALL
	pop	edi
	pop	esi
	pop	ebx
	ret
VMI_END SetAlarm

MONITOR_CALL CancelAlarm
MONITOR_CALL GetWallclockTime
MONITOR_CALL WallclockUpdated
