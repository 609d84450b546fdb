# SPDX-License-Identifier: GPL-2.0-only
"""tools/vmi-info: passes a good ROM, names each fault, and survives any file."""

import json
import os
import random
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest
import synthetic_rom
from harness import BUILD
from synthetic_rom import CALLS, TOOLS, good_rom, tool

sys.path.insert(0, str(TOOLS))
# The tools import each other as modules of their own directory.
import vmi_info
from vmi_calls import read_calls
from vmi_info import show

CALL_LIST = read_calls(str(CALLS))
FUZZ_ROUNDS = 4000
PADDING = 0x600  # CCh up to the first entry, at 800h
WORDS = (0, 1, 0x3F, 0x40, 0x80, 0xFFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000,
         0xFFFFFFC0, 0xFFFFFFFF)


@pytest.fixture(scope="module")
def rom(tmp_path_factory):
    """A ROM without a fault, with every call."""
    return good_rom(tmp_path_factory.mktemp("rom"))


@pytest.fixture
def build_dir():
    """Where the real ROM is built; VMI_BUILD says if not in build/."""
    return Path(os.environ.get("VMI_BUILD", BUILD))


class Patient:
    """A ROM's bytes, with the places that the tests spoil."""

    def __init__(self, path):
        self.data = bytearray(path.read_bytes())
        self.symbols = synthetic_rom.symbols(path)
        self.pcir, self.pnp = struct.unpack_from("<HH", self.data, 0x18)
        self.licence = self.word(0x16, "<H")
        self.phdr = 0x40 + self.word(0x40 + 28)
        self.shdr = 0x40 + self.word(0x40 + 32)
        self.dynamic = self.word(self.phdr + 32 + 8)
        self.tags = {}
        while self.word(self.dynamic + 8 * len(self.tags)):
            at = self.dynamic + 8 * len(self.tags)
            self.tags[self.word(at)] = self.word(at + 4)

    def word(self, at, form="<I"):
        return struct.unpack_from(form, self.data, at)[0]

    def put(self, at, value, form="<I"):
        struct.pack_into(form, self.data, at, value)

    def tag(self, wanted):
        """Where the value of a dynamic tag is."""
        return self.dynamic + 8 * list(self.tags).index(wanted) + 4

    def section(self, wanted):
        """Where the header of a section is."""
        count, names = struct.unpack_from("<HH", self.data, 0x40 + 48)
        strings = 0x40 + self.word(self.shdr + 40 * names + 16)
        for at in range(self.shdr, self.shdr + 40 * count, 40):
            start = strings + self.word(at)
            if self.data[start : self.data.index(b"\0", start)] == wanted:
                return at
        raise KeyError(wanted)

    def symbol(self, wanted):
        """Where the dynamic symbol of this name is."""
        at = self.tags[6] + 16
        while True:
            start = self.tags[5] + self.word(at)
            if self.data[start : self.data.index(b"\0", start)] == wanted:
                return at
            at += 16

    def replace(self, old, new):
        """Change bytes that stand there once."""
        assert self.data.count(old) == 1 and len(old) == len(new)
        self.data[:] = self.data.replace(old, new)

    def fit_pnp(self):
        self.data[self.pnp + 9] = 0
        self.data[self.pnp + 9] = -sum(self.data[self.pnp : self.pnp + 32]) & 0xFF

    def fit(self):
        """Make the checksum right again."""
        at = self.symbols["rom_checksum"][0]
        self.data[at] = 0
        self.data[at] = -sum(self.data) & 0xFF

    def faults(self, fit=True, **options):
        if fit:
            self.fit()
        return vmi_info.judge(bytes(self.data), CALL_LIST, **options).faults


@pytest.fixture
def patient(rom):
    return Patient(rom)


def put(at, value, form="<B"):
    """An edit that writes at a place: a number, or what a function of the patient gives."""
    return lambda p: p.put(at(p) if callable(at) else at, value, form)


def pnp_put(offset, value, form="<B"):
    """An edit of the $PnP structure, with its checksum made right."""

    def edit(p):
        p.put(p.pnp + offset, value, form)
        p.fit_pnp()

    return edit


def loop_chain(p):
    """The first chain of .hash never ends."""
    table = p.tags[4]
    buckets = p.word(table)
    first = next(p.word(table + 8 + 4 * n) for n in range(buckets) if p.word(table + 8 + 4 * n))
    p.put(table + 8 + 4 * (buckets + first), first)


def redirect_over_inline(p):
    """A body that guests copy begins with a redirection."""
    entry = p.symbols["VMI_DisableInterrupts"][0]
    p.put(entry, struct.pack("<BIB", 0x68, 0xFC000000 + entry, 0xC3), "6s")


def drop_call(name):
    return lambda p: p.replace(b"\0VMI_" + name + b"\0", b"\0vmi_" + name + b"\0")


def iret(offset, value, form="<I"):
    """An edit of the symbol VMI_IRET."""
    return lambda p: p.put(p.symbol(b"VMI_IRET") + offset, value, form)


FAULTS = {
    "signature": (put(0, 0x54), "romSignature at 00h: 54 aa, want 55 aa"),
    "length 0": (put(2, 0), "romLength at 02h: 0, want"),
    "entry": (put(3, 0xCB), "romEntry at 03h: cb .*, want a jump"),
    "entry outside": (put(4, 0x7FFF, "<H"), "romEntry at 03h: jump to 8005h, want"),
    "entry in header": (put(4, 0, "<H"), "romEntry at 03h: jump to 6h, want"),
    "pad 0": (put(7, 1), "romPad0 at 07h: 01, want zero"),
    "hypervisor": (put(8, 0x64), "hyperSignature at 08h: 64 56 6d 69, want 63"),
    "major": (put(0x0D, 4), "APIVersionMajor at 0Dh: 4, want 3"),
    "slots": (put(0x0E, 1), "number of jump slots at 0Eh: 1, want 2"),
    "reserved byte": (put(0x0F, 1), "reserved byte at 0Fh"),
    "virtual top": (put(0x10, 0xFB000000, "<I"), "virtual top at 10h: fb000000, want"),
    "reserved word": (put(0x14, 1), "reserved word at 14h"),
    "licence offset": (put(0x16, 0, "<H"), "licence offset at 16h: 0h: no string, want"),
    "licence": (put(lambda p: p.licence, b"BSD v2", "6s"), 'licence at .*"BSD v2", want "GPL"'),
    "licence open": (put(0x16, PADDING, "<H"), "licence offset at 16h"),
    "pad 3": (put(0x1C, 1), "romPad3 at 1Ch"),
    "reserved bytes": (put(0x3F, 1), "reserved bytes at 20h"),
    "PCIR offset": (put(0x18, 0, "<H"), "PCIR offset at 18h: 0h, want"),
    "PCIR outside": (put(0x18, 0xFFF0, "<H"), "PCIR offset at 18h: fff0h, want"),
    "PCIR": (put(lambda p: p.pcir, b"P"[0] + 1), "PCIR signature at .*: 51 43 49 52, want 50"),
    "PCIR vendor": (put(lambda p: p.pcir + 4, 0x8086, "<H"), "PCIR vendor and device: 8086:ffff"),
    "PCIR length": (put(lambda p: p.pcir + 10, 8, "<H"), "PCIR length: 8, want"),
    "PCIR image": (put(lambda p: p.pcir + 16, 99, "<H"), "PCIR image length: 99, want"),
    "PCIR run-time": (put(lambda p: p.pcir + 22, 0, "<H"), "PCIR run-time length: 0, want 1 to"),
    "PCIR run-time over": (put(lambda p: p.pcir + 22, 255, "<H"), "PCIR run-time length: 255, want"),
    "what stays": (put(lambda p: p.pcir + 22, 4, "<H"),
                   "ELF program headers: 2 at .*, want .* in what stays"),
    "PCIR code": (put(lambda p: p.pcir + 20, 1), "PCIR code type: 1, want 0"),
    "PCIR last": (put(lambda p: p.pcir + 21, 0), "PCIR indicator: 00, want 80"),
    "PnP offset": (put(0x1A, 0, "<H"), r"\$PnP offset at 1Ah: 0h, want"),
    "PnP": (put(lambda p: p.pnp + 3, b"Q"[0]), r"\$PnP signature at .*: 24 50 6e 51, want 24"),
    "PnP sum": (put(lambda p: p.pnp + 10, 1), r"\$PnP checksum: 01, want 00"),
    "PnP revision": (pnp_put(4, 2), r"\$PnP revision: 2, want 1"),
    "PnP maker": (pnp_put(14, 0, "<H"), r"\$PnP manufacturer at 0h: no text, want"),
    "PnP product": (pnp_put(16, 0xFFFF, "<H"), r"\$PnP product at ffffh: no text, want"),
    "slot": (put(0x80, 0xCC), "jump slot at 80h: cc .*, want a jump to VMI_Init"),
    "slot 2": (put(0x89, 0x100, "<I"), "jump slot at 88h: to 18dh, want VMI_GetReloc"),
    "ELF": (put(0x40, 0), "ELF header at 40h: 00 45 4c 46, want"),
    "ELF class": (put(0x44, 2), "ELF class: 2, want 1"),
    "ELF type": (put(0x50, 2), "ELF type: 2, want 3"),
    "ELF machine": (put(0x52, 62), "ELF machine: 62, want 3"),
    "phentsize": (put(0x40 + 42, 31), "ELF program header size: 31, want 32"),
    "PT_LOAD": (put(lambda p: p.phdr, 5), "ELF segments: no PT_LOAD"),
    "p_vaddr": (put(lambda p: p.phdr + 32 + 8, 0, "<I"), "segment 1: address 0x0 at"),
    "p_memsz": (put(lambda p: p.phdr + 32 + 20, 1, "<I"), "segment 1: 0x1 bytes in memory"),
    "p_align": (put(lambda p: p.phdr + 28, 0x1000, "<I"), "segment 0: alignment 0x1000, want"),
    "sh_offset": (put(lambda p: p.section(b".text") + 16, 0x44, "<I"), "section .text: address"),
    "sh_size": (put(lambda p: p.section(b".hash") + 20, 0x7FFFFFFF, "<I"), "section .hash: 0x7f"),
    "sh_name": (put(lambda p: p.section(b".hash"), 0xFFFF, "<I"), "ELF sections without a name: "),
    "shstrndx": (put(0x40 + 50, 0), "ELF section name table: 0, want"),
    ".dynsym": (put(lambda p: p.section(b".dynsym") + 4, 1, "<I"), "section .dynsym: at none"),
    "DT_HASH": (put(lambda p: p.tag(4) - 4, 99, "<I"), "dynamic segment: missing: DT_HASH"),
    "DT_SYMENT": (put(lambda p: p.tag(11), 24, "<I"), "DT_SYMENT: 24, want 16"),
    "DT_STRSZ": (put(lambda p: p.tag(10), 0xFFFFFF, "<I"), ".dynstr at .*: 16777215 bytes, want"),
    "buckets": (put(lambda p: p.tags[4], 0, "<I"), ".hash at .*: 0 buckets, .* want"),
    "chains": (put(lambda p: p.tags[4] + 4, 1 << 20, "<I"), ".hash at .* want a table in"),
    "chain loop": (loop_chain, ".hash at .*: a chain that loops"),
    "renamed": (drop_call(b"Halt"), "symbols that .hash does not find: vmi_Halt, want none"),
    "nameless": (iret(0, 0xFFFFFF), "symbols without a name: [0-9]+, want"),
    "outside": (iret(4, 0xFFFF), "symbols outside the ROM: VMI_IRET, want none"),
    "size 0": (iret(8, 0), "entries without a size: VMI_IRET"),
    "local": (iret(12, 0x02, "<B"), "symbols not global: VMI_IRET"),
    "type": (iret(12, 0x10, "<B"), "symbols of a wrong type: VMI_IRET"),
    "section": (iret(14, 0xFFF1, "<H"), "symbols not in the section that they name: VMI_IRET"),
    "alias": (put(lambda p: p.symbol(b"VMI_WRMSR_SPLIT") + 4, 0x800, "<I"),
              "VMI_WRMSR_SPLIT: 800h, want VMI_WRMSR"),
    "redirect": (put(lambda p: p.symbols["VMI_IRET"][0] + 4, 0xC0), "entries redirected elsewhere"),
    "inline": (redirect_over_inline, "bodies to inline under a redirected entry: inline.VMI_Dis"),
}
# What cannot go wrong alone: a call without a usable symbol is missing too,
# and so may be what depends on it.
FOLLOWED = {"nameless", "renamed", "chains", "what stays"}


@pytest.mark.parametrize("edit, line", FAULTS.values(), ids=FAULTS.keys())
def test_each_fault_has_its_line(request, patient, edit, line):
    edit(patient)
    faults = patient.faults()
    assert re.match(line, faults[0]), faults
    assert len(faults) == 1 or request.node.callspec.id in FOLLOWED, faults


def test_good_rom_has_no_fault(patient):
    assert patient.faults(fit=False, require_all=True) == []


def test_checksum(patient):
    patient.data[-1] ^= 1
    (fault,) = patient.faults(fit=False)
    assert re.fullmatch("checksum: (01|ff), want 00", fault)


def test_truncated_file_is_one_fault_at_its_header(patient):
    whole = bytes(patient.data)
    for size in (0, 1, 0x3F, 0x8F):
        patient.data = whole[:size]
        assert [f"file: {size} bytes" in f for f in patient.faults(fit=False)] == [True]
    patient.data = whole[:-512]
    assert patient.faults(fit=False)[0].startswith(f"file: {len(whole) - 512} bytes, want")


def test_longer_file(patient):
    patient.data += b"more"
    faults = patient.faults(fit=False)
    assert len(faults) == 1 and re.match(r"file: \d+ bytes, want \d+, as romLength", faults[0])


def test_missing_call_is_a_fault_if_all_are_wanted(tmp_path):
    elf = synthetic_rom.link(tmp_path, names=["Init", "GetRelocationInfo", "IRET", "SYSEXIT"])
    assert synthetic_rom.mkrom(elf).returncode == 0
    patient = Patient(elf.with_name("vmi.rom"))
    assert patient.faults() == []
    (fault,) = patient.faults(require_all=True)
    assert re.match("calls without an entry: .* and [0-9]+ more, want all", fault)
    drop_call(b"Init")(patient)
    assert "calls without an entry: Init, want both" in patient.faults()[-1]


# ---- the command -------------------------------------------------------


def test_what_post_leaves_is_a_good_rom(patient):
    units, whole = patient.data[patient.pcir + 22], len(patient.data)
    del patient.data[units * 512 :]
    patient.put(2, units, "<B")
    assert len(patient.data) < whole and patient.faults() != []  # the image's length is wrong
    patient.put(patient.pcir + 16, units, "<H")
    assert patient.faults(require_all=True) == []


def test_readable_form(rom):
    done = tool("vmi-info", "--require-all", rom)
    assert (done.returncode, done.stderr) == (0, "")
    units = Patient(rom).data[2]
    for line in (
        rf"^length +{units} x 512 = {units * 512} bytes$",
        rf"^resident +{units - 2} x 512 = {(units - 2) * 512} bytes$",
        r"^interface +3\.0$",
        r"^virtual top +fc000000$",
        r'^licence +"GPL v2" at \w+h$',
        r'^\$PnP +at \w+h: "nobody", "synthetic ROM"$',
        r"^slot 80h +VMI_Init, 800h$",
        r"^ +\w+ +9 +30  VMI_DisableInterrupts +inline: 8 bytes at \w+h$",
        r"^ +\w+ +9 +33  VMI_IRET +to virtual top$",
        r"^ +\w+ +9 +-  VMI_SetPte$",
    ):
        assert re.search(line, done.stdout, re.MULTILINE), line


def test_fault_is_a_line_and_status_1(rom, tmp_path):
    bad = tmp_path / "bad.rom"
    data = bytearray(rom.read_bytes())
    data[0x0D] = 2
    bad.write_bytes(data)
    done = tool("vmi-info", "--quiet", bad)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"vmi-info: {bad}: checksum: ff, want 00\n"
        f"vmi-info: {bad}: APIVersionMajor at 0Dh: 2, want 3\n"
    )


def test_json(rom):
    done = tool("vmi-info", "--json", rom)
    answer = json.loads(done.stdout)
    assert answer["good"] and answer["faults"] == [] and answer["missing"] == []
    assert answer["length"] == rom.stat().st_size == answer["resident"] + 2 * 512
    call = next(c for c in answer["calls"] if c["name"] == "VMI_SYSEXIT")
    assert call["number"] == 34 and call["redirected"]


def test_what_cannot_be_read_is_status_2(tmp_path):
    for arguments in ([], [tmp_path], [tmp_path / "none"], ["--calls", tmp_path / "none", CALLS]):
        done = tool("vmi-info", *arguments)
        assert done.returncode == 2 and "Traceback" not in done.stderr and done.stdout == ""
    odd = tmp_path / "\u00e9\udcff\n.rom"
    odd.write_bytes(b"")
    done = tool("vmi-info", odd)
    assert done.returncode == 1 and "Traceback" not in done.stderr


@pytest.mark.parametrize("path", ["/dev/null", "/dev/zero", "/dev/urandom", sys.executable])
def test_what_is_no_rom_is_status_1(path):
    done = tool("vmi-info", path)
    assert done.returncode == 1 and "Traceback" not in done.stderr


def test_closed_pipe(rom):
    command = f"set -o pipefail; {sys.executable} {TOOLS}/vmi-info {rom} | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_built_rom(build_dir):
    if not (build_dir / "vmi.rom").exists():
        pytest.skip("not built")
    done = tool("vmi-info", build_dir / "vmi.rom")
    assert done.returncode == 0, done.stderr


# ---- any file ----------------------------------------------------------


def survives(data):
    """Judge and show the file; no exception is what is tested."""
    report = vmi_info.judge(data, CALL_LIST, require_all=True)
    text = "\n".join(show.text(report) + report.faults)
    assert text.isascii() and text.replace("\n", "").isprintable()
    json.loads(show.as_json(report, "file"))
    return report


def mutate(chance, data, hot):
    """Spoil a few places, mostly where the headers and tables are."""
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        start, end = chance.choice(hot)
        at = chance.randrange(start, min(end, len(data) - 4))
        kind = chance.randrange(4)
        if kind == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            data[at] = chance.randrange(256)
        elif kind == 2:
            struct.pack_into("<I", data, at & ~3, chance.choice((*WORDS, chance.getrandbits(32))))
        else:
            size = chance.randrange(1, 64)
            source = chance.randrange(len(data) - size)
            data[at : at + size] = data[source : source + size]
    if chance.randrange(8) == 0:
        del data[chance.randrange(len(data)) :]


@pytest.mark.parametrize("seed", range(4))
def test_random_damage(rom, seed):
    chance, patient = random.Random(seed), Patient(rom)
    whole, tables = bytes(patient.data), patient.tags[4]
    hot = [(0, 0x90), (patient.pcir, patient.pnp + 32), (tables, len(whole)),
           (patient.dynamic, patient.dynamic + 48), (patient.phdr, patient.phdr + 64),
           (0, len(whole))]
    found = 0
    for _ in range(FUZZ_ROUNDS // 4):
        data = bytearray(whole)
        mutate(chance, data, hot)
        found += bool(survives(bytes(data)).faults)
    assert found > FUZZ_ROUNDS // 8


def test_every_truncation(rom):
    whole = rom.read_bytes()
    for size in [*range(0, 0x200), *range(0x200, len(whole), 61)]:
        assert survives(whole[:size]).faults


def test_random_bytes_behind_the_signatures():
    chance = random.Random(7)
    for _ in range(300):
        data = bytearray(chance.randbytes(chance.choice((0x90, 0x200, 0x1000, 0x8000))))
        data[0:2], data[8:12] = b"\x55\xaa", b"cVmi"
        data[0x40:0x47] = b"\x7fELF\1\1\1"
        struct.pack_into("<HHI", data, 0x50, 3, 3, 1)
        struct.pack_into("<HHHHH", data, 0x68, 52, 32, chance.randrange(9), 40, chance.randrange(9))
        survives(bytes(data))
