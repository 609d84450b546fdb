# SPDX-License-Identifier: GPL-2.0-only
"""A small ROM with every call in it, for the tests of tools/mkrom and vmi-info.

`link` makes a rom.elf of the shape that linker/rom.ld gives the real one, and
something in the place of the packed monitor beside it; `edits`, pairs of a
regular expression and its replacement, spoil the source.
"""

import re
import struct
import subprocess
import sys

from harness import ROOT

TOOLS = ROOT / "tools"
CALLS = ROOT / "include" / "vmi_calls.def"
CRITICAL = ("IRET", "SYSEXIT")
INLINE = ("DisableInterrupts", "IODelay")
VIRTUAL_TOP = 0xFC000000
RESIDENT_MAX = 0x5000
PACKED = 1000  # bytes of the packed monitor
PACKED_BYTE = b"\x90"
LEGACY_FRAME = 0x184C2102  # LZ4's magic number

HEADER = """
global rom_header, rom_checksum, rom_room, rom_resident_max
rom_resident_max equ 5000h
section .header progbits alloc exec nowrite align=16
bits 16
rom_header:
	db	55h, 0AAh, 0
	jmp	near post
	db	0, 0
	db	"cVmi", 0, 3, 2, 0
	dd	0FC000000h
	dw	0, licence, pcir, pnp
	dd	0
	times 32 db 0
	times 64 db 0
bits 32
	jmp	near VMI_Init
	align	8, db 0CCh
	jmp	near VMI_GetRelocationInfo
	align	8, db 0CCh
pcir:	db	"PCIR"
	dw	0FFFFh, 0FFFFh, 0, 1Ch
	db	3, 0, 0, 0FFh
	dw	0, 0
	db	0, 80h
	dw	0, 0, 0
	align	16, db 0
pnp:	db	"$PnP", 1, 2
	dw	0
	db	0, 0
	dd	0
	dw	maker, product
	db	0FFh, 0, 0FFh, 0
	dw	0, 0, 0, 0, 0, 0
licence:
	db	"GPL v2", 0
maker:	db	"nobody", 0
product:
	db	"synthetic ROM", 0
rom_checksum:
	db	0
rom_room:
	dd	0, 0, 0
bits 16
post:	retf
bits 32
section .text
"""

CALL = """
	align	16, db 0CCh
	global VMI_{0}:function (VMI_{0}.end - VMI_{0})
VMI_{0}:
	mov	byte [ss:0FC010001h], {1}
.body_end:
	ret
VMI_{0}.end:
"""

CALL_INLINE = """
	global inline.VMI_{0}:data (VMI_{0}.body_end - VMI_{0})
inline.VMI_{0} equ VMI_{0}
"""

CALL_CRITICAL = """
[section .vmi.redirect]
	dd	VMI_{0}
[section .vmi.original]
	times 12 db 0
section .text
"""

ALIAS = """
	global VMI_WRMSR_SPLIT:function (VMI_WRMSR.end - VMI_WRMSR)
VMI_WRMSR_SPLIT equ VMI_WRMSR
"""

ONE_SECTION = """
OUTPUT_FORMAT("elf32-i386")
ENTRY(rom_header)
SECTIONS {
	. = 0;
	.rom : {
		*(.header)
		. = ALIGN(2048);
		rom_vmi = .;
		*(.text)
		rom_vmi_end = .;
		. = ALIGN(4);
		rom_vmi_original = .;
		*(.vmi.original)
		rom_vmi_original_end = .;
	} = 0xcccccccc
	.vmi.redirect (INFO) : { *(.vmi.redirect) }
}
"""

SECTIONS = """
OUTPUT_FORMAT("elf32-i386")
ENTRY(rom_header)
SECTIONS {
	. = 0;
	.header : { *(.header) }
	.text : { *(.text) } = 0xcccccccc
	.vmi.original : { *(.vmi.original) }
	.vmi.redirect (INFO) : { *(.vmi.redirect) }
}
"""


def call_names():
    """The calls, read another way than the tools do."""
    return re.findall(r"^VMI_CALL\((\w+),", CALLS.read_text(), re.MULTILINE)


def source(names):
    """The assembler source of a ROM with these calls."""
    parts = [HEADER]
    for value, name in enumerate(names):
        parts.append(CALL.format(name, value))
        if name in INLINE:
            parts.append(CALL_INLINE.format(name))
        if name in CRITICAL:
            parts.append(CALL_CRITICAL.format(name))
    if "WRMSR" in names:
        parts.append(ALIAS)
    return "".join(parts)


def link(directory, *edits, names=None, script=ONE_SECTION, packed=PACKED):
    """Make rom.elf in the directory, and monitor.lz4 of so many bytes; rom.elf's path."""
    frame = struct.pack("<II", LEGACY_FRAME, packed) + PACKED_BYTE * packed
    (directory / "monitor.lz4").write_bytes(frame)
    text = source(call_names() if names is None else names)
    for pattern, replacement in edits:
        text, count = re.subn(pattern, replacement, text, count=1, flags=re.MULTILINE)
        assert count, f"nothing to edit: {pattern}"
    (directory / "rom.asm").write_text(text)
    (directory / "rom.ld").write_text(script)
    for command in (
        "nasm -f elf32 -o rom.o rom.asm",
        "ld -m elf_i386 -static -nostdlib --no-warn-rwx-segments -T rom.ld -o rom.elf rom.o",
    ):
        subprocess.run(command.split(), cwd=directory, check=True)
    return directory / "rom.elf"


def tool(name, *arguments):
    """Run one of tools/; the finished process, with its output as text."""
    command = [sys.executable, TOOLS / name, *arguments]
    return subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=60, check=False
    )


def mkrom(elf, *arguments):
    """Run mkrom on rom.elf, to make vmi.rom and vmi.sym beside it."""
    return tool(
        "mkrom", "--elf", elf, "--monitor", elf.with_name("monitor.lz4"), "--calls", CALLS,
        "--output", elf.with_name("vmi.rom"), "--symbols", elf.with_name("vmi.sym"), *arguments,
    )


def good_rom(directory):
    """Make a ROM without a fault; its path."""
    elf = link(directory)
    done = mkrom(elf, "--require-all")
    assert done.returncode == 0, done.stderr
    return elf.with_name("vmi.rom")


def symbols(rom):
    """{name: (value, size)} of all symbols, from the list beside the ROM."""
    lines = [line.split() for line in rom.with_name("vmi.sym").read_text().splitlines()]
    return {name: (int(value, 16), int(size, 16)) for value, size, _, name in lines}
