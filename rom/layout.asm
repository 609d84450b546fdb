; SPDX-License-Identifier: GPL-2.0-only
; What POST tells the monitor about the ROM: offsets that only the ROM's linker and
; tools/mkrom know.  In C this is struct rom_layout (hypervisor/start/post.c).

%include "offsets.inc"

extern	rom_switch
extern	rom_vmi_original
extern	rom_vmi_original_end

	section .rodata align=4
	global rom_layout:data (rom_layout.end - rom_layout)
rom_layout:
; Filled in by tools/mkrom: the size of the resident part; start and end of the packed
; monitor.  This may lie beyond 64 KiB, so only 32-bit code reads it.
.room:
	dd	0, 0, 0
	dd	rom_switch
	dd	rom_vmi_original
	dd	rom_vmi_original_end
	; The protection mode where there is no opt/vmi/protect: tools/mkrom --protect.
.protect:
	db	"auto", 0, 0, 0, 0
	; The same for opt/vmi/devices: tools/mkrom --devices
.devices:
	times 12 db 0
%macro PROGRESS 1
	extern	%1_entry
	extern	%1_critical
	extern	%1_popped
	extern	%1_last
	extern	%1_end
	dd	%1_entry, %1_critical, %1_popped, %1_last, %1_end
%endmacro
	PROGRESS iret
	PROGRESS sysexit
%macro REGION 1
	extern	%1_region
	extern	%1_region_end
	dd	%1_region, %1_region_end
%endmacro
	REGION entry
	REGION SetCR3
	REGION UpdateKernelStack
	REGION WriteGDTEntry
	REGION WriteLDTEntry
	REGION WriteIDTEntry
.end:

; The most that the hole has room for: tools/mkrom compares the resident part with it.
	global rom_resident_max
rom_resident_max equ ROM_MAX

	global rom_room
	global rom_protect
	global rom_devices
rom_room	equ rom_layout.room
rom_protect	equ rom_layout.protect
rom_devices	equ rom_layout.devices
