# SPDX-License-Identifier: GPL-2.0-only
"""ROM and guest images spoilt on purpose, for the fallback tests.

An edit is a function that changes a bytearray in place.  Those of ROMs leave
the checksum wrong; `refit` as the last one makes it right again, so that the
BIOS lets the ROM pass and the guest has to judge.
"""

import struct

UNIT = 512
LENGTH, SIGNATURE, MAJOR, PCIR = 0x02, 0x08, 0x0D, 0x18
PCIR_LENGTH, PCIR_RUN_TIME = 0x10, 0x16
SPARE = 0x3F  # a reserved byte that nobody reads: takes up the checksum
ELF, ELF_END = 0x40, 0x80
SITE_RECORD, SITE_NATIVE = 32, 8  # struct vmi_site of include/vmi_abi.h


def resident(rom):
    """How many of a ROM's bytes stay after POST, as its PCI structure says."""
    (pcir,) = struct.unpack_from("<H", rom, PCIR)
    return struct.unpack_from("<H", rom, pcir + PCIR_RUN_TIME)[0] * UNIT


def padded(size, symbols):
    """The packed monitor ends a ROM of that size: zeroes lie between what stays and it.

    symbols is {name: (value, size)} of the ROM.
    """

    def edit(rom):
        place, checksum = symbols["rom_room"][0] + 4, symbols["rom_checksum"][0]
        start, end = struct.unpack_from("<II", rom, place)
        move = size - len(rom)
        (pcir,) = struct.unpack_from("<H", rom, PCIR)
        rom[start:start] = bytes(move)
        struct.pack_into("<II", rom, place, start + move, end + move)
        rom[LENGTH] = size // UNIT
        struct.pack_into("<H", rom, pcir + PCIR_LENGTH, size // UNIT)
        rom[checksum] = (rom[checksum] - sum(rom)) & 0xFF

    return edit


def edited(source, target, *edits):
    """Write to target what the edits make of source; return target."""
    image = bytearray(source.read_bytes())
    for edit in edits:
        edit(image)
    target.write_bytes(image)
    return target


def refit(rom):
    """Make the sum of all bytes zero again."""
    rom[SPARE] = 0
    rom[SPARE] = -sum(rom[: rom[LENGTH] * UNIT]) & 0xFF


def wrong_checksum(rom):
    rom[SPARE] ^= 0x5A


def wrong_signature(rom):
    rom[SIGNATURE : SIGNATURE + 4] = b"cVmj"


def wrong_major(rom):
    rom[MAJOR] += 1


def without_elf(rom):
    rom[ELF:ELF_END] = bytes(ELF_END - ELF)


def cut_file(rom):
    """The second half of the file is missing, the header says nothing of it."""
    del rom[len(rom) // 2 :]


def cut_image(rom):
    """The header agrees with the missing half; POST misses the monitor."""
    rom[LENGTH] //= 2
    del rom[rom[LENGTH] * UNIT :]


def cut_resident(rom):
    """Half of what would stay, too: the tables that lay there are missing."""
    rom[LENGTH] = resident(rom) // 2 // UNIT
    del rom[rom[LENGTH] * UNIT :]


def empty_rom(rom):
    """Nothing but a VMI header, whose entry returns to the BIOS at once."""
    del rom[2048:]
    rom[LENGTH] = len(rom) // UNIT
    rom[3:7] = b"\xcb\0\0\0"  # retf
    rom[ELF:] = bytes(len(rom) - ELF)
    rom[PCIR : PCIR + 4] = bytes(4)


def without_call(call):
    """The ROM lacks a call: its symbol has another name."""

    def edit(rom):
        name = b"\0VMI_" + call.encode() + b"\0"
        if rom.count(name) != 1:
            raise ValueError(f"VMI_{call}: {rom.count(name)} times in the ROM, want 1")
        rom[:] = rom.replace(name, b"\0vmi_" + name[5:])

    return edit


def section(elf, wanted):
    """(offset, size) of a section in a 32-bit ELF file."""
    (table,) = struct.unpack_from("<I", elf, 0x20)
    entry_size, count, names = struct.unpack_from("<HHH", elf, 0x2E)
    headers = [struct.unpack_from("<10I", elf, table + n * entry_size) for n in range(count)]
    for header in headers:
        start = headers[names][4] + header[0]
        if elf[start : elf.index(b"\0", start)] == wanted.encode():
            return header[4], header[5]
    raise ValueError(f"no section {wanted}")


def wrong_site(guest):
    """The last site record's first native byte is not what the site holds."""
    offset, size = section(guest, ".vmi_sites")
    guest[offset + size - SITE_RECORD + SITE_NATIVE] ^= 0xFF
