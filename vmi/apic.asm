; SPDX-License-Identifier: GPL-2.0-only
; The local APIC's registers, which are the monitor's model.  EAX = register, of
; which the low 12 bits count; EDX = value.

%include "layer.inc"

	section .text

MONITOR_CALL APICWrite
MONITOR_CALL APICRead
