; SPDX-License-Identifier: GPL-2.0-only
; The calls that do all their work in the monitor (hypervisor/entry/call.c).  The
; order is that of include/vmi_calls.def.

%include "layer.inc"

	section .text

; Mostly the gate does this.
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

; EBX is an output: what the monitor leaves there stays.
VMI_ENTRY CPUID
	push	ebx
	mov	ebx, CALL_CPUID
	int	VECTOR_CALL
	lea	esp, [esp + 4]
	ret
VMI_END CPUID
