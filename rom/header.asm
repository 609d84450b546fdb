; SPDX-License-Identifier: GPL-2.0-only
; The ROM's header (docs/abi.md, section 1): what a BIOS, a guest of either
; front door and stock ELF tools look for at fixed offsets.  tools/mkrom fills
; in the lengths, the ELF header and the checksum; POST fills in lengths and
; checksum again when it gives back what is not needed any more.

%include "offsets.inc"

extern	post
extern	VMI_Init
extern	VMI_GetRelocationInfo

	section .header progbits alloc exec nowrite align=16
	bits 16

	global rom_header:data (rom_header.end - rom_header)
rom_header:
	db	55h, 0AAh
	db	0			; length in 512-byte units
	jmp	near post		; three bytes, then two of padding
	db	0, 0
	db	"cVmi"
	db	0, 3			; version, minor first
	db	2, 0			; jump slots
	dd	HOLE_BASE
	dw	0
	dw	licence
	dw	pcir
	dw	pnp
	dd	0
	times 32 db 0			; reserved
	times 64 db 0			; ELF header

	bits 32
	jmp	near VMI_Init
	align	8, db 0CCh
	jmp	near VMI_GetRelocationInfo
	align	8, db 0CCh
.end:
; The slots end at 90h: else one of these counts is negative, an error.
	times (.end - rom_header) - 90h db 0
	times 90h - (.end - rom_header) db 0

; PCI data structure (PCI Firmware Specification 3.0, 5.1.2).  The IDs are
; nobody's.
	align	4, db 0
	global pcir:data (pcir_end - pcir)
pcir:
	db	"PCIR"
	dw	0FFFFh, 0FFFFh		; vendor, device
	dw	0			; no device list
	dw	pcir_end - pcir
	db	3			; revision of this structure
	db	0, 0, 0FFh		; class code: device of no class
	global pcir_length:data 2
pcir_length:
	dw	0			; image length: tools/mkrom
	dw	VERSION_BCD
	db	0			; code for the PC-AT
	db	80h			; the last image
	global pcir_run_time:data 2
pcir_run_time:
	dw	0			; run-time length, the resident part's: tools/mkrom
	dw	0, 0
pcir_end:

; PnP expansion header (Plug and Play BIOS Specification 1.0A, 3.1).  SeaBIOS
; runs only ROMs with one during its scan.  It boots nothing.
	align	16, db 0
pnp:
	db	"$PnP", 1, (pnp_end - pnp) / 16
	dw	0			; no next header
	db	0
	db	0			; checksum: tools/mkrom
	dd	0			; device identifier
	dw	manufacturer
	dw	product
	db	0FFh, 0, 0FFh		; device type
	db	0			; no boot device, no input, no display
	dw	0, 0, 0, 0
	dw	0
pnp_end:

licence:
	db	"GPL v2", 0
manufacturer:
	db	"VMI ROM project", 0
product:
	db	"Virtual Machine Interface 3.0 hypervisor", 0
; What POST writes is in this file, within the first 2 KiB: never across one of
; the lines, multiples of 16 KiB, where a chipset may begin to make shadow RAM
; read-only.
	global rom_checksum:data 1
rom_checksum:
	db	0
	align	4, db 0
	global rom_block:data 4
rom_block:
	dd	0			; physical address of the monitor's block, or NO_BLOCK
