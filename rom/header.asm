; SPDX-License-Identifier: GPL-2.0-only
; The ROM's header (docs/abi.md, section 1), at fixed offsets.  A BIOS finds an option
; ROM there, a guest the VMI signature and, for its door, jump slots or an ELF header,
; which stock ELF tools find as well.
; tools/mkrom fills in lengths, ELF header and checksum; POST writes lengths and
; checksum again when it shrinks the ROM to its resident part (post.asm).

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
; The slots must end at 90h: otherwise one of these counts is negative, which is an error.
	times (.end - rom_header) - 90h db 0
	times 90h - (.end - rom_header) db 0

; PCI data structure (PCI Firmware Specification 3.0, 5.1.2).  Vendor and device IDs are
; those of no device.
	align	4, db 0
	global pcir:data (pcir_end - pcir)
pcir:
	db	"PCIR"
	dw	0FFFFh, 0FFFFh		; vendor, device
	dw	0			; no device list
	dw	pcir_end - pcir
	db	3			; revision of this structure
	db	0, 0, 0FFh		; class code: no class
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

; PnP expansion header (Plug and Play BIOS Specification 1.0A, 3.1).  During its scan,
; SeaBIOS runs only ROMs that have one.  This one offers no boot device.
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
; All that POST writes is in this file, and so within the first 2 KiB.  A chipset makes
; shadow RAM read-only in units of 16 KiB or more, and a ROM begins at a multiple of 2 KiB:
; either all of it can be written, or nothing.
	global rom_checksum:data 1
rom_checksum:
	db	0
	align	4, db 0
	global rom_block:data 4
rom_block:
	dd	0			; physical address of the monitor's block, or NO_BLOCK
