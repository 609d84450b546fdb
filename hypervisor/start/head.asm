; SPDX-License-Identifier: GPL-2.0-only
; The first bytes of the monitor's image: struct monitor_head (init.h), by which POST
; (rom/enter.asm) and VMI_Init (vmi/init.asm) find their ways into the monitor.

%include "offsets.inc"

extern	monitor_file_size
extern	monitor_memory_size
extern	post_main
extern	init_enter

	section .head progbits alloc noexec nowrite align=4
	global monitor_head:data (monitor_head.end - monitor_head)
monitor_head:
	dd	monitor_file_size
	dd	monitor_memory_size
	dd	post_enter
	dd	post_stack_top
	dd	init_enter
.end:

	section .bss align=16
	resb	4096
post_stack_top:

	section .text align=16
; Far call from the ROM (rom/enter.asm), in protected mode without paging.  EAX = physical
; address of the block, EDX = its size, ECX = address of the ROM; on the stack, above the
; far return address, the offset of rom_layout in the ROM, and the memory map.
	global post_enter:function (post_enter.end - post_enter)
post_enter:
	push	dword [esp + 12]
	push	dword [esp + 12]
	call	post_main		; (block, size, rom, layout, map)
	add	esp, 8
	retf
.end:
