; SPDX-License-Identifier: GPL-2.0-only
; Calls that do all their work in the monitor (hypervisor/entry/call.c), in the order of
; include/vmi_calls.def.  Calls of ports, MMU, time and APIC are in the files of these.

%include "layer.inc"

	section .text

; No monitor call: in the common case the gate does this alone (gate_halt in
; hypervisor/entry/entry.asm), so it has a vector of its own.
VMI_ENTRY Halt
	int	VECTOR_HALT
	ret
VMI_END Halt

MONITOR_CALL Shutdown
MONITOR_CALL Reboot

MONITOR_CALL SetGDT
MONITOR_CALL SetIDT
MONITOR_CALL SetLDT
MONITOR_CALL SetTR
MONITOR_CALL GetGDT
MONITOR_CALL GetIDT
MONITOR_CALL GetLDT
MONITOR_CALL GetTR

MONITOR_CALL WRMSR
	global VMI_WRMSR_SPLIT:function (VMI_WRMSR.end - VMI_WRMSR)
VMI_WRMSR_SPLIT equ VMI_WRMSR
MONITOR_CALL RDMSR
MONITOR_CALL SetCR0
MONITOR_CALL SetCR2
MONITOR_CALL SetCR4
MONITOR_CALL CLTS
MONITOR_CALL SetDR
MONITOR_CALL GetDR
MONITOR_CALL WBINVD

; EBX is a result here, so it is not restored.
VMI_ENTRY CPUID
	push	ebx
	mov	ebx, CALL_CPUID
	int	VECTOR_CALL
	lea	esp, [esp + 4]
	ret
VMI_END CPUID
