; SPDX-License-Identifier: GPL-2.0-only
; Calls for the local APIC, which is a model in the monitor.  EAX = register, of which
; the low 12 bits count; EDX = value.

%include "layer.inc"

	section .text

; The most frequent write is an EOI.  If an edge-triggered interrupt alone is in service,
; the monitor has set apic_serves: clearing it ends the interrupt, and the monitor learns
; of that when it matters (learn_end() in hypervisor/dev/controllers.c).
VMI_ENTRY APICWrite
	mov	ecx, eax
	and	ecx, 0FFFh
	cmp	ecx, APIC_EOI
	jne	.monitor
	btr	dword [HOLE_STATE + STATE_APIC_SERVES], 0
	jnc	.monitor
	ret
.monitor:
	ASK_MONITOR APICWrite
VMI_END APICWrite

MONITOR_CALL APICRead
