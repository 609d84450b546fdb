# SPDX-License-Identifier: GPL-2.0-only
"""The linked ROM image, rom.elf, as GNU ld leaves it: what mkrom reads.

The image is linked at base 0.  linker/rom.ld may keep its parts as sections
of their own, or put them into one section and mark them with symbols
rom_X and rom_X_end: LinkedImage.parts() gives them under the same names.
"""

import struct
from collections import namedtuple

ET_EXEC, EM_386, PT_LOAD = 2, 3, 1
SHT_SYMTAB, SHT_NOBITS = 2, 8
SHF_ALLOC = 2
STB_GLOBAL, STT_OBJECT, STT_FUNC = 1, 1, 2
SHN_UNDEF, SHN_LORESERVE = 0, 0xFF00

EHDR = struct.Struct("<16sHHIIIIIHHHHHH")
PHDR = struct.Struct("<8I")
SHDR = struct.Struct("<10I")
SYM = struct.Struct("<IIIBBH")

MAX_IMAGE = 1 << 20  # far more than a ROM, for a sane message

# What the part between rom_X and rom_X_end is called, if not ".X".
PART_NAMES = {"vmi": ".text", "vmi_original": ".vmi.original"}
PADDING = 16  # less than this between parts is padding

Section = namedtuple("Section", "name kind flags addr offset size link "
                                "info align entsize")
Symbol = namedtuple("Symbol", "name value size kind bind shndx")


class Fault(Exception):
    """The ROM cannot be made; the text is what to print."""


def cut_string(table, offset):
    """The NUL-ended string at @offset of a string table."""
    end = table.find(b"\0", offset)
    return table[offset:end if end >= 0 else len(table)].decode("latin-1")


class LinkedImage:
    """A 32-bit static ELF file linked at base 0."""

    def __init__(self, path):
        self.path = path
        try:
            with open(path, "rb") as stream:
                self.data = stream.read()
        except OSError as error:
            raise Fault(f"{path}: {error.strerror}") from None
        try:
            self._read_headers()
            self.symbols = self._read_symbols()
        except (struct.error, IndexError):
            raise Fault(f"{path}: an ELF table reaches beyond the end of the file "
                        "(truncated?)") from None

    def _read_headers(self):
        header = EHDR.unpack_from(self.data)
        ident, kind, machine = header[:3]
        if ident[:6] != b"\x7fELF\x01\x01" or machine != EM_386:
            raise Fault(f"{self.path}: not a 32-bit x86 ELF file")
        if kind != ET_EXEC:
            raise Fault(f"{self.path}: ELF type {kind}, want {ET_EXEC} (link it statically)")
        phoff, shoff = header[5], header[6]
        phnum, shnum, shstrndx = header[10], header[12], header[13]
        self.segments = [PHDR.unpack_from(self.data, phoff + i * PHDR.size)
                         for i in range(phnum)]
        raw = [SHDR.unpack_from(self.data, shoff + i * SHDR.size)
               for i in range(shnum)]
        names = self.data[raw[shstrndx][4]:][:raw[shstrndx][5]]
        self.sections = [Section(cut_string(names, s[0]), *s[1:])
                         for s in raw]

    def _read_symbols(self):
        found = []
        for table in self.sections:
            if table.kind != SHT_SYMTAB:
                continue
            names = self.contents(self.sections[table.link])
            for entry in SYM.iter_unpack(self.contents(table)):
                name, value, size, info, _, shndx = entry
                found.append(Symbol(cut_string(names, name), value, size,
                                    info & 15, info >> 4, shndx))
        return [symbol for symbol in found
                if symbol.name and symbol.shndx != SHN_UNDEF]

    def contents(self, section):
        """The bytes of a section that has some in the file."""
        return self.data[section.offset:section.offset + section.size]

    def section(self, name):
        """The section called @name, or None."""
        return next((s for s in self.sections if s.name == name), None)

    def address(self, name):
        """The value of the global symbol @name, or None."""
        return next((s.value for s in self.symbols
                     if s.name == name and s.bind == STB_GLOBAL), None)

    def loaded(self):
        """The sections with content in the image, by address."""
        return sorted((s for s in self.sections
                       if s.flags & SHF_ALLOC and s.size),
                      key=lambda s: s.addr)

    def image(self):
        """The bytes from address 0 on; what nothing loads is zero."""
        image = bytearray()
        for segment in self.segments:
            kind, offset, addr, _, filesz, memsz = segment[:6]
            if kind != PT_LOAD or memsz == 0:
                continue
            end = addr + memsz
            if end > MAX_IMAGE:
                raise Fault(f"{self.path}: segment at {addr:#x}, size {memsz:#x}, "
                            "want it near 0")
            part = self.data[offset:offset + filesz]
            if len(part) != filesz or filesz > memsz:
                raise Fault(f"{self.path}: segment at {addr:#x} is truncated")
            image.extend(bytes(max(0, end - len(image))))
            image[addr:addr + filesz] = part
        return image

    def _marks(self):
        """(start, end, name) of what rom_X and rom_X_end delimit."""
        marks = []
        for symbol in self.symbols:
            if not symbol.name.startswith("rom_") or symbol.bind != STB_GLOBAL:
                continue
            end = self.address(symbol.name + "_end")
            if end is not None and end > symbol.value:
                word = symbol.name[len("rom_"):]
                marks.append((symbol.value, end,
                              PART_NAMES.get(word, "." + word)))
        start, size = self.original_table()
        if size and start not in [mark[0] for mark in marks]:
            marks.append((start, start + size, ".vmi.original"))
        return sorted(marks)

    def parts(self):
        """The loaded sections, cut where rom_X and rom_X_end say."""
        taken = {s.name for s in self.sections}
        marks = [m for m in self._marks() if m[2] not in taken]
        parts = []
        for section in self.loaded():
            end = section.addr + section.size
            inside = [m for m in marks
                      if section.addr <= m[0] and m[1] <= end]
            parts += cut_section(section, inside)
        return parts

    def original_table(self):
        """(address, size) of the table .vmi.original."""
        section = self.section(".vmi.original")
        if section:
            return section.addr, section.size
        end = self.address("rom_vmi_original_end")
        start = self.original_start()
        if start is None or end is None or end < start:
            return 0, 0
        return start, end - start

    def original_start(self):
        """Where the table starts: if nothing says so, behind the code."""
        start = self.address("rom_vmi_original")
        code_end = self.address("rom_vmi_end")
        if start is None and code_end is not None:
            start = -(-code_end // 4) * 4
        return start


def cut_section(section, marks):
    """@section as a list of sections: those of @marks and what is between."""
    pieces, rest = [], 0

    def between(start, end):
        nonlocal rest
        if pieces and end - start < PADDING:
            last = pieces.pop()
            pieces.append(last._replace(size=end - last.addr))
        elif start < end:
            rest += 1
            name = f"{section.name}.{rest}" if rest > 1 else section.name
            pieces.append(section._replace(name=name, addr=start,
                                           size=end - start))

    cursor = section.addr
    for start, end, name in marks:
        if start >= cursor:
            between(cursor, start)
            pieces.append(section._replace(name=name, addr=start,
                                           size=end - start))
            cursor = end
    between(cursor, section.addr + section.size)
    return pieces
