; SPDX-License-Identifier: GPL-2.0-only
; Calls that need no monitor.  Control registers are read from the vCPU state page, where
; the monitor keeps copies; RDTSC and PAUSE are harmless at ring 1.  Nearly all are so
; short that a call site gets the code itself (VMI_INLINE).

%include "layer.inc"

	section .text

%macro GET_STATE 2
VMI_ENTRY %1
	mov	eax, [HOLE_STATE + %2]
.body_end:
	ret
VMI_END %1
VMI_INLINE %1, VMI_%1, VMI_%1.body_end
%endmacro

GET_STATE GetCR0, STATE_CR0
GET_STATE GetCR2, STATE_CR2
GET_STATE GetCR3, STATE_CR3
GET_STATE GetCR4, STATE_CR4

VMI_ENTRY RDTSC
	rdtsc
.body_end:
	ret
VMI_END RDTSC
VMI_INLINE RDTSC, VMI_RDTSC, VMI_RDTSC.body_end

; If CR4.PCE is clear, RDPMC at ring 1 is #GP, and the monitor emulates it.
VMI_ENTRY RDPMC
	rdpmc
.body_end:
	ret
VMI_END RDPMC
VMI_INLINE RDPMC, VMI_RDPMC, VMI_RDPMC.body_end

VMI_ENTRY Pause
	pause
.body_end:
	ret
VMI_END Pause
VMI_INLINE Pause, VMI_Pause, VMI_Pause.body_end

; There is nothing to wait for: a call site becomes NOPs, and a call just returns.
VMI_ENTRY IODelay
	ret
VMI_END IODelay
VMI_INLINE IODelay, VMI_IODelay, VMI_IODelay
