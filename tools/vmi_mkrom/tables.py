# SPDX-License-Identifier: GPL-2.0-only
"""The tables of the ROM's ELF file, and its header at 40h."""

import struct

from .entries import ELF_HEADER_END
from .linked import (EHDR, EM_386, PHDR, PT_LOAD, SHDR, SHF_ALLOC, STB_GLOBAL, SYM, Fault,
                     Section)

ELF_BASE = 0x40  # where the ELF file starts in the ROM
IDENT = b"\x7fELF\x01\x01\x01"

ET_DYN, PT_DYNAMIC, PF_X, PF_R = 3, 2, 1, 4
SHT_PROGBITS, SHT_STRTAB, SHT_HASH, SHT_DYNAMIC, SHT_DYNSYM = 1, 3, 5, 6, 11
SHF_EXEC = 4
DT_NULL, DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ, DT_SYMENT = 0, 4, 5, 6, 10, 11
DYN = struct.Struct("<iI")


class StringTable:
    """An ELF string table that is being filled."""

    def __init__(self):
        self.blob = bytearray(b"\0")

    def add(self, text):
        """The offset of @text, which is added."""
        offset = len(self.blob)
        self.blob += text.encode("latin-1") + b"\0"
        return offset


class TableWriter:
    """Appends tables to the image, and keeps their section headers."""

    def __init__(self, image, shown):
        self.image = image
        self.sections = list(shown)
        self.names = StringTable()
        self.pad(16)

    def pad(self, align):
        """Fill up to a multiple of @align."""
        self.image.extend(bytes(-len(self.image) % align))

    def append(self, blob):
        """Put @blob at the end; where that is."""
        self.pad(4)
        addr = len(self.image)
        self.image += blob
        return addr

    def section(self, name, kind, blob, **fields):
        """Put @blob at the end as a section; where that is."""
        addr = self.append(blob)
        in_memory = fields.pop("flags", SHF_ALLOC)
        self.sections.append(Section(
            name, kind, in_memory, addr if in_memory else 0, addr - ELF_BASE, len(blob),
            fields.get("link", 0), fields.get("info", 0), fields.get("align", 4),
            fields.get("entsize", 0)))
        return addr

    def finish(self):
        """Append section names and headers; where the headers are."""
        name_offsets = [self.names.add(s.name) for s in self.sections]
        name_offsets.append(self.names.add(".shstrtab"))
        self.section(".shstrtab", SHT_STRTAB, bytes(self.names.blob), flags=0, align=1)
        rows = b"".join(SHDR.pack(name, *section[1:])
                        for name, section in zip(name_offsets, self.sections))
        return self.append(bytes(SHDR.size) + rows)


def elf_hash(name):
    """The hash function of the System V ABI, chapter 5."""
    value = 0
    for byte in name.encode("latin-1"):
        value = (value << 4) + byte
        high = value & 0xF0000000
        value = (value ^ (high >> 24)) & ~high & 0xFFFFFFFF
    return value


def hash_table(names):
    """The .hash of the symbols 1.. called @names."""
    count = max(1, len(names) | 1)
    buckets, chains = [0] * count, [0] * (len(names) + 1)
    for index, name in enumerate(names, 1):
        bucket = elf_hash(name) % count
        chains[index], buckets[bucket] = buckets[bucket], index
    words = (count, len(chains), *buckets, *chains)
    return struct.pack(f"<{len(words)}I", *words)


def image_sections(linked):
    """The image's sections as the ROM's ELF file shows them.

    What lies before the jump slots is outside the ELF file or its header.
    """
    shown = []
    for section in linked.parts():
        start = max(section.addr, ELF_HEADER_END)
        end = section.addr + section.size
        if start < end:
            flags = section.flags & (SHF_ALLOC | SHF_EXEC)
            align = section.align if section.align and start % section.align == 0 else 1
            shown.append(Section(section.name, SHT_PROGBITS, flags, start, start - ELF_BASE,
                                 end - start, 0, 0, align, 0))
    return shown


def symbol_table(linked, symbols, shown, strings):
    """The .dynsym of @symbols; their names go to @strings."""
    blob = bytearray(SYM.size)
    for symbol in symbols:
        # The last that fits: an empty body may stand at the end of a section.
        home = next((number for number, s in reversed(list(enumerate(shown, 1)))
                     if s.addr <= symbol.value <= s.addr + s.size), None)
        if home is None:
            raise Fault(f"{linked.path}: symbol {symbol.name} is in no loaded section")
        blob += SYM.pack(strings.add(symbol.name), symbol.value, symbol.size,
                         STB_GLOBAL << 4 | symbol.kind, 0, home)
    return bytes(blob)


def append_loaded(writer, linked, symbols, shown):
    """Append what guests look entries up in; (address, size) of .dynamic."""
    strings = StringTable()
    dynsym = symbol_table(linked, symbols, shown, strings)
    dynsym_number = len(shown) + 2  # .hash is the first of the tables
    hash_at = writer.section(".hash", SHT_HASH, hash_table([s.name for s in symbols]),
                             link=dynsym_number, entsize=4)
    dynsym_at = writer.section(".dynsym", SHT_DYNSYM, dynsym, info=1,
                               link=dynsym_number + 1, entsize=SYM.size)
    dynstr_at = writer.section(".dynstr", SHT_STRTAB, bytes(strings.blob), align=1)
    dynamic = b"".join(DYN.pack(*entry) for entry in (
        (DT_HASH, hash_at), (DT_STRTAB, dynstr_at), (DT_SYMTAB, dynsym_at),
        (DT_STRSZ, len(strings.blob)), (DT_SYMENT, SYM.size), (DT_NULL, 0)))
    dynamic_at = writer.section(".dynamic", SHT_DYNAMIC, dynamic,
                                link=dynsym_number + 1, entsize=DYN.size)
    return dynamic_at, len(dynamic)


def append(linked, image, symbols):
    """Append all ELF tables to @image, and fill in the header at 40h."""
    shown = image_sections(linked)
    writer = TableWriter(image, shown)
    dynamic_at, dynamic_size = append_loaded(writer, linked, symbols, shown)
    loaded = len(image) - ELF_BASE
    segments = (
        (PT_LOAD, 0, ELF_BASE, ELF_BASE, loaded, loaded, PF_R | PF_X, ELF_BASE),
        (PT_DYNAMIC, dynamic_at - ELF_BASE, dynamic_at, dynamic_at, dynamic_size, dynamic_size,
         PF_R, 4))
    segments_at = writer.append(b"".join(PHDR.pack(*s) for s in segments))
    sections_at = writer.finish()
    count = len(writer.sections) + 1
    EHDR.pack_into(image, ELF_BASE, IDENT, ET_DYN, EM_386, 1, 0, segments_at - ELF_BASE,
                   sections_at - ELF_BASE, 0, EHDR.size, PHDR.size, len(segments), SHDR.size,
                   count, count - 1)
