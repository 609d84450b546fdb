; SPDX-License-Identifier: GPL-2.0-only
; The local APIC's registers, which are the monitor's model.  EAX = register, of
; which the low 12 bits count; EDX = value.

%include "layer.inc"

	section .text

; The end of an interrupt that is alone in service is told by a bit, which the
; monitor reads when it matters (hypervisor/dev/controllers.c).
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
