# SPDX-License-Identifier: GPL-2.0-only
"""The ELF file in the ROM, from 40h on: headers, segments, sections, .dynamic.

File offsets count from 40h, addresses from the ROM's first byte: what has
both has address = offset + 40h.
"""

from collections import namedtuple

from .report import ELF_BASE, SLOTS_END, printable

PT_LOAD, PT_DYNAMIC = 1, 2
SHT_NULL, SHT_NOBITS, SHT_DYNSYM = 0, 8, 11
SHF_ALLOC, SHF_EXEC = 2, 4
DT_NULL, DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ, DT_SYMENT = 0, 4, 5, 6, 10, 11
PHDR_SIZE, SHDR_SIZE, SYM_SIZE, DYN_SIZE = 32, 40, 16, 8
ALIGN_MAX = 0x40
HEADERS_MAX = 256	# of each kind: far more than a ROM has

REQUIRED_TAGS = ((DT_HASH, "DT_HASH"), (DT_STRTAB, "DT_STRTAB"),
                 (DT_SYMTAB, "DT_SYMTAB"), (DT_STRSZ, "DT_STRSZ"),
                 (DT_SYMENT, "DT_SYMENT"))

Tables = namedtuple("Tables", "segments sections tags")
Segment = namedtuple("Segment", "kind offset addr paddr filesz memsz flags "
                                "align")
Section = namedtuple("Section", "name kind flags addr offset size link "
                                "info align entsize")
NO_TABLES = Tables((), (), {})


def check(report):
    """Judge the ELF file; its Tables, empty as far as they are unusable."""
    if report.data[ELF_BASE:ELF_BASE + 4] != b"\x7fELF":
        report.fault("ELF header at 40h",
                     report.data[ELF_BASE:ELF_BASE + 4].hex(" "),
                     "7f 45 4c 46: the entries are found through it")
        return NO_TABLES
    fields = check_header(report)
    if fields is None:
        return NO_TABLES
    phoff, shoff, phnum, shnum, shstrndx = fields
    segments = check_segments(report, phoff, phnum)
    sections = check_sections(report, shoff, shnum, shstrndx)
    tags = check_dynamic(report, segments)
    report.fact("ELF", "%d segments, %d sections"
                % (len(segments), len(sections)))
    check_dynsym(report, sections, tags)
    return Tables(segments, sections, tags)


def check_header(report):
    """(phoff, shoff, phnum, shnum, shstrndx), or None if of no use."""
    header = report.unpack("<16sHHIIIIIHHHHHH", ELF_BASE)
    wanted = (("class", header[0][4], 1), ("byte order", header[0][5], 1),
              ("type", header[1], 3), ("machine", header[2], 3),
              ("version", header[3], 1), ("header size", header[8], 52),
              ("program header size", header[9], PHDR_SIZE),
              ("section header size", header[11], SHDR_SIZE))
    wrong = [row for row in wanted if row[1] != row[2]]
    for what, value, want in wrong:
        report.fault("ELF " + what, value, want)
    return None if wrong else (header[5], header[6], header[10], header[12],
                               header[13])


def table_at(report, what, offset, count, size):
    """Where in the ROM the table of @count headers is, or None."""
    at = ELF_BASE + offset
    if 0 < count <= HEADERS_MAX and at >= SLOTS_END \
            and report.holds(at, count * size):
        return at
    report.fault("ELF %s headers" % what, "%d at %xh" % (count, at),
                 f"1 to {HEADERS_MAX}, in what stays of the ROM, behind the jump slots")
    return None


def check_segments(report, phoff, phnum):
    """The segments."""
    at = table_at(report, "program", phoff, phnum, PHDR_SIZE)
    if at is None:
        return []
    segments = [Segment(*report.unpack("<8I", at + i * PHDR_SIZE))
                for i in range(phnum)]
    for number, segment in enumerate(segments):
        if segment.kind in (PT_LOAD, PT_DYNAMIC):
            check_segment(report, "segment %d" % number, segment)
    for kind, name in ((PT_LOAD, "PT_LOAD"), (PT_DYNAMIC, "PT_DYNAMIC")):
        if kind not in [s.kind for s in segments]:
            report.fault("ELF segments", "no " + name, "one")
    return segments


def check_segment(report, name, segment):
    """One segment that is loaded."""
    if not report.holds(ELF_BASE + segment.offset, segment.filesz):
        report.fault(name, "%#x bytes at file offset %#x"
                     % (segment.filesz, segment.offset), "it in what stays of the ROM")
    if segment.addr != ELF_BASE + segment.offset:
        report.fault(name, "address %#x at file offset %#x"
                     % (segment.addr, segment.offset),
                     "address = offset + 40h")
    if segment.memsz != segment.filesz:
        report.fault(name, "%#x bytes in memory, %#x in the file"
                     % (segment.memsz, segment.filesz), "the same")
    if segment.align > ALIGN_MAX or segment.align & (segment.align - 1):
        report.fault(name, "alignment %#x" % segment.align,
                     "a power of 2, at most %#x" % ALIGN_MAX)


def check_sections(report, shoff, shnum, shstrndx):
    """The sections, with their names."""
    at = table_at(report, "section", shoff, shnum, SHDR_SIZE)
    if at is None:
        return []
    raw = [report.unpack("<10I", at + i * SHDR_SIZE) for i in range(shnum)]
    if not 0 < shstrndx < shnum:
        report.fault("ELF section name table", shstrndx, "a section's number")
        names, names_end = 0, 0
    else:
        names = ELF_BASE + raw[shstrndx][4]
        names_end = names + raw[shstrndx][5]
    sections, nameless = [], []
    for number, row in enumerate(raw):
        name = report.string(names + row[0], 64, names_end)
        if name is None and names_end and row[1] != SHT_NULL:
            nameless.append(str(number))
        sections.append(Section(printable(name or "#%d" % number), *row[1:]))
    report.fault_list("ELF sections without a name", nameless, "none")
    for section in sections:
        check_section(report, section)
    return sections


def check_section(report, section):
    """One section."""
    if section.kind in (SHT_NULL, SHT_NOBITS):
        return
    name = "section " + section.name
    if not report.holds(ELF_BASE + section.offset, section.size):
        report.fault(name, "%#x bytes at file offset %#x"
                     % (section.size, section.offset), "it in what stays of the ROM")
    elif section.flags & SHF_ALLOC \
            and section.addr != ELF_BASE + section.offset:
        report.fault(name, "address %#x at file offset %#x"
                     % (section.addr, section.offset),
                     "address = offset + 40h")


def check_dynamic(report, segments):
    """{tag: value} of the dynamic segment."""
    segment = next((s for s in segments if s.kind == PT_DYNAMIC), None)
    if segment is None:
        return {}
    tags, at = {}, ELF_BASE + segment.offset
    for offset in range(0, segment.filesz - DYN_SIZE + 1, DYN_SIZE):
        entry = report.unpack("<iI", at + offset)
        if entry is None or entry[0] == DT_NULL:
            break
        tags.setdefault(*entry)
    else:
        entry = None
    if entry is None:
        report.fault("dynamic segment", "no DT_NULL", "it to end with one")
    missing = [name for tag, name in REQUIRED_TAGS if tag not in tags]
    report.fault_list("dynamic segment: missing", missing, "none")
    if tags.get(DT_SYMENT, SYM_SIZE) != SYM_SIZE:
        report.fault("DT_SYMENT", tags[DT_SYMENT], SYM_SIZE)
    return tags if not missing else {}


def check_dynsym(report, sections, tags):
    """Section and dynamic segment name the same symbol table."""
    if not sections or not tags:
        return
    tables = [s.addr for s in sections if s.kind == SHT_DYNSYM]
    if tables != [tags[DT_SYMTAB]]:
        report.fault("section .dynsym", "at " + (" and ".join(
            "%xh" % addr for addr in tables[:3]) or "none"),
                     "one, at DT_SYMTAB's %xh" % tags[DT_SYMTAB])
