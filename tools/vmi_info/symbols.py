# SPDX-License-Identifier: GPL-2.0-only
"""The entries: .dynsym and .hash, and what the symbols in them say."""

from bisect import bisect_right
from collections import namedtuple

from vmi_calls import ALIASES

from . import elf
from .header import VIRTUAL_TOP_MIN
from .report import printable

STB_GLOBAL, STT_OBJECT, STT_FUNC = 1, 1, 2
SHN_LORESERVE = 0xFF00
NAME_MAX = 128
INLINE_MAX = 255	# a site record's length is a byte
REDIRECT_LEN = 6	# push imm32; ret
REQUIRED = ("Init", "GetRelocationInfo")

Symbol = namedtuple("Symbol", "name value size bind kind shndx")
Entry = namedtuple("Entry", "name number value size inline redirected")


def check(report, tables, calls, require_all):
    """Judge the symbols; {name: offset} of the entries."""
    symbols = read_symbols(report, tables.tags) if tables.tags else []
    if not symbols:
        return {}
    check_twice(report, symbols)
    named = [s for s in symbols if s.name.startswith(("VMI_", "inline.VMI_"))]
    check_known(report, named, calls)
    usable = check_form(report, named)
    check_place(report, usable, tables)
    entries = {s.name: s for s in usable if s.kind == STT_FUNC}
    inlines = {s.name: s for s in usable if s.kind == STT_OBJECT}
    check_aliases(report, entries)
    check_inlines(report, entries, inlines)
    check_redirects(report, entries)
    list_calls(report, entries, inlines, calls, require_all)
    return {name: symbol.value for name, symbol in entries.items()}


# ---- the tables --------------------------------------------------------

def read_symbols(report, tags):
    """The symbols but the first, if the tables can be read."""
    head = report.unpack("<II", tags[elf.DT_HASH])
    if head is None or head[0] == 0 or not report.holds(
            tags[elf.DT_HASH], 4 * (2 + head[0] + head[1])):
        report.fault(".hash at %xh" % tags[elf.DT_HASH],
                     "%d buckets, %d symbols" % head if head else "none",
                     "a table in the ROM")
        return []
    count = head[1]
    if count < 2:
        report.fault(".dynsym", "no symbols", "the entries")
        return []
    if not report.holds(tags[elf.DT_SYMTAB], count * elf.SYM_SIZE):
        report.fault(".dynsym at %xh" % tags[elf.DT_SYMTAB],
                     "%d symbols" % count, "a table in the ROM")
        return []
    if not report.holds(tags[elf.DT_STRTAB], tags[elf.DT_STRSZ]):
        report.fault(".dynstr at %xh" % tags[elf.DT_STRTAB],
                     "%d bytes" % tags[elf.DT_STRSZ], "a table in the ROM")
        return []
    symbols = [read_symbol(report, tags, index) for index in range(1, count)]
    nameless = [str(i) for i, s in enumerate(symbols, 1) if not s.name]
    report.fault_list("symbols without a name", nameless,
                      "a string in .dynstr")
    check_hash(report, tags, symbols)
    return symbols


def read_symbol(report, tags, index):
    """One symbol; its name is None if it has no usable one."""
    name, value, size, info, _, shndx = report.unpack(
        "<IIIBBH", tags[elf.DT_SYMTAB] + index * elf.SYM_SIZE)
    strings = tags[elf.DT_STRTAB]
    text = report.string(strings + name, NAME_MAX,
                         strings + tags[elf.DT_STRSZ])
    return Symbol(printable(text or ""), value, size, info >> 4, info & 15,
                  shndx)


def elf_hash(name):
    """The hash function of the System V ABI, chapter 5."""
    value = 0
    for char in name:
        value = (value << 4) + ord(char)
        value ^= value >> 24 & 0xF0
        value &= 0x0FFFFFFF
    return value


def bucket_of(report, at, buckets, count):
    """{symbol's index: bucket} by walking all chains; None on a bad one."""
    links = report.unpack("<%dI" % (buckets + count), at + 8)
    home = {}
    for bucket in range(buckets):
        index = links[bucket]
        while index:
            if index >= count or index in home:
                return None
            home[index] = bucket
            index = links[buckets + index]
    return home


def check_hash(report, tags, symbols):
    """Every symbol is found by its name through .hash."""
    at = tags[elf.DT_HASH]
    buckets = report.word("<I", at)
    home = bucket_of(report, at, buckets, len(symbols) + 1)
    if home is None:
        report.fault(".hash at %xh" % at, "a chain that loops or leaves it",
                     "chains that end")
        return
    lost = [s.name for index, s in enumerate(symbols, 1)
            if home.get(index) != elf_hash(s.name) % buckets]
    report.fault_list("symbols that .hash does not find", lost, "none")


# ---- the symbols -------------------------------------------------------

def check_twice(report, symbols):
    """No name stands twice."""
    seen, twice = set(), []
    for symbol in symbols:
        if symbol.name and symbol.name in seen:
            twice.append(symbol.name)
        seen.add(symbol.name)
    report.fault_list("symbols that stand twice", twice, "each once")


def call_of(name):
    """The name's call, without prefixes."""
    return name.partition("VMI_")[2]


def check_known(report, named, calls):
    """Every VMI_ symbol speaks of a call of the list."""
    known = {c.name for c in calls} | set(ALIASES)
    report.fault_list("symbols of unknown calls", [
        s.name for s in named if call_of(s.name) not in known], "none")


def check_form(report, named):
    """Binding, type and size; the symbols for which all are right."""
    local = [s for s in named if s.bind != STB_GLOBAL]
    types = [s for s in named
             if s.kind != (STT_OBJECT if s.name.startswith("inline.")
                           else STT_FUNC)]
    empty = [s for s in named if s.kind == STT_FUNC and not s.size]
    report.fault_list("symbols not global", [s.name for s in local], "none")
    report.fault_list("symbols of a wrong type", [s.name for s in types],
                      "FUNC, and OBJECT for inline.")
    report.fault_list("entries without a size", [s.name for s in empty],
                      "none")
    wrong = set(local + types + empty)
    return [s for s in named if s not in wrong]


def inside(symbol, start, size):
    """Whether the symbol's bytes are within a range."""
    return start <= symbol.value and \
        symbol.value + symbol.size <= start + size


def check_place(report, usable, tables):
    """The symbols lie in the ROM, in a segment, and in their section."""
    loads = [s for s in tables.segments if s.kind == elf.PT_LOAD]
    outside = [s for s in usable
               if not inside(s, 0x80, len(report.data) - 0x80)]
    report.fault_list("symbols outside the ROM", [s.name for s in outside],
                      "none")
    placed = [s for s in usable if s not in set(outside)]
    report.fault_list("symbols in no PT_LOAD segment", [
        s.name for s in placed
        if loads and not any(inside(s, p.addr, p.filesz) for p in loads)],
                      "none")
    if tables.sections:
        report.fault_list("symbols not in the section that they name", [
            s.name for s in placed if not in_section(s, tables.sections)],
                          "none")


def in_section(symbol, sections):
    """Whether the symbol's section holds it, as code if it is a function."""
    if not 0 < symbol.shndx < min(len(sections), SHN_LORESERVE):
        return False
    home = sections[symbol.shndx]
    return inside(symbol, home.addr, home.size) and bool(
        home.flags & elf.SHF_EXEC or symbol.kind == STT_OBJECT)


# ---- the calls ---------------------------------------------------------

def check_aliases(report, entries):
    """An alias is the same entry."""
    for alias, name in ALIASES.items():
        second, first = entries.get("VMI_" + alias), entries.get("VMI_" + name)
        if second and (not first or first.value != second.value):
            report.fault("VMI_" + alias, "%xh" % second.value,
                         "VMI_%s, %s" % (name, "%xh" % first.value if first
                                         else "which is missing"))


def check_inlines(report, entries, inlines):
    """What a guest may copy is short, intact, and of a call that exists."""
    report.fault_list("bodies to inline without an entry", [
        name for name in inlines if "VMI_" + call_of(name) not in entries],
                      "none")
    report.fault_list("bodies to inline over %d bytes" % INLINE_MAX, [
        s.name for s in inlines.values() if s.size > INLINE_MAX], "none")
    # A bad file may have thousands of both: look up rather than compare all.
    moved = sorted(s.value for s in entries.values()
                   if redirect_target(report, s) is not None)
    report.fault_list("bodies to inline under a redirected entry", [
        s.name for s in inlines.values() if is_under(s, moved)], "none")


def is_under(symbol, moved):
    """Whether one of the redirections at @moved overwrites the symbol."""
    index = bisect_right(moved, symbol.value - REDIRECT_LEN)
    return index < len(moved) and moved[index] < symbol.value + symbol.size


def redirect_target(report, symbol):
    """The address that an entry begins with pushing and returning to."""
    code = report.unpack("<BIB", symbol.value)
    if code is None or code[0] != 0x68 or code[2] != 0xC3:
        return None
    return code[1]


def check_redirects(report, entries):
    """A redirected entry goes to its own copy at virtual top."""
    top = report.word("<I", 0x10)
    if top < VIRTUAL_TOP_MIN:
        return		# that is the fault, and all would follow from it
    report.fault_list("entries redirected elsewhere", [
        name for name, s in entries.items()
        if redirect_target(report, s) not in
        (None, (top + s.value) & 0xFFFFFFFF)],
                      "virtual top + their offset")


def list_calls(report, entries, inlines, calls, require_all):
    """Note the calls that are there, and those that are not."""
    numbers = {call.name: call.number for call in calls}
    for symbol in sorted(entries.values(), key=lambda s: (s.value, s.name)):
        name = call_of(symbol.name)
        inline = inlines.get("inline." + symbol.name)
        report.calls.append(Entry(
            name, numbers.get(ALIASES.get(name, name)), symbol.value,
            symbol.size, (inline.value, inline.size) if inline else None,
            redirect_target(report, symbol) is not None))
    report.missing = [name for name in [*numbers, *ALIASES]
                      if "VMI_" + name not in entries]
    wanted = report.missing if require_all else \
        [name for name in report.missing if name in REQUIRED]
    report.fault_list("calls without an entry", wanted, "all" if require_all
                      else "both that guests start with")
