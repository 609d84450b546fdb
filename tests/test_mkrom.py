# SPDX-License-Identifier: GPL-2.0-only
"""tools/mkrom: the ROM that it makes is what stock tools and guests can read."""

import re
import struct
import subprocess

import pytest
import synthetic_rom
from synthetic_rom import CRITICAL, PACKED, PACKED_BYTE, RESIDENT_MAX, VIRTUAL_TOP
from synthetic_rom import call_names, link, mkrom

UNIT = 512
MOST = 96 << 10
REDIRECT_LEN = 6
PCIR_LENGTH, PCIR_RUN_TIME, PNP_SUM = 0x10, 0x16, 9


@pytest.fixture(scope="module", params=["ONE_SECTION", "SECTIONS"])
def rom(request, tmp_path_factory):
    """A good ROM, from either shape of linker script."""
    elf = link(tmp_path_factory.mktemp("rom"), script=getattr(synthetic_rom, request.param))
    done = mkrom(elf, "--require-all")
    assert done.returncode == 0, done.stderr
    return elf.with_name("vmi.rom")


def resident_size(data):
    """What the PCI structure says of the time after POST."""
    (pcir,) = struct.unpack_from("<H", data, 0x18)
    return struct.unpack_from("<H", data, pcir + PCIR_RUN_TIME)[0] * UNIT


@pytest.fixture(scope="module", params=["file", "resident"])
def elf_part(request, rom):
    """The ELF file in it, as dd cuts it out; and in what POST leaves of it."""
    whole = rom.with_name(request.param + ".rom")
    data = rom.read_bytes()
    whole.write_bytes(data if request.param == "file" else data[: resident_size(data)])
    path = rom.with_name("elf")
    command = ["dd", f"if={whole}", f"of={path}", "bs=64", "skip=1", "status=none"]
    subprocess.run(command, check=True)
    return path


def output_of(*command):
    """What a command prints; it may not complain."""
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert "warning" not in done.stdout.lower(), done.stdout
    return done.stdout


@pytest.mark.parametrize(
    "command, shows",
    [
        ("readelf -aW", "VMI_IRET"),
        ("readelf -sDW", "VMI_IRET"),
        ("objdump -x -T", "VMI_IRET"),
        ("objdump -d", "<VMI_IRET>:"),
        ("nm -D", "VMI_IRET"),
        ("size -A", ".dynsym"),
    ],
)
def test_binutils_open_it(elf_part, command, shows):
    assert shows in output_of(*command.split(), elf_part)


def test_gdb_opens_it(elf_part):
    text = output_of("gdb", "-nx", "-batch", "-ex", "disassemble VMI_IRET", elf_part)
    assert "<+0>:\tpush   $0xfc" in text


def test_symbols_are_those_that_were_linked(rom, elf_part):
    linked = output_of("nm", "-S", rom.with_name("rom.elf"))
    wanted = {
        (words[-1], int(words[0], 16), int(words[1], 16))
        for words in map(str.split, linked.splitlines())
        if "VMI_" in words[-1] and len(words) == 4
    }
    wanted.add(("inline.VMI_IODelay", synthetic_rom.symbols(rom)["VMI_IODelay"][0], 8))
    table = output_of("readelf", "--dyn-syms", "-W", elf_part)
    rows = [line.split() for line in table.splitlines() if "VMI_" in line]
    assert {(row[7], int(row[1], 16), int(row[2])) for row in rows} == wanted
    assert len(rows) == len(call_names()) + 3  # an alias and two bodies to inline
    for row in rows:
        assert row[3:6] == ["OBJECT" if "inline." in row[7] else "FUNC", "GLOBAL", "DEFAULT"]


def sysv_hash(name):
    """The System V ABI's function, written as it stands there."""
    h = 0
    for c in name.encode():
        h = ((h << 4) + c) & 0xFFFFFFFF
        g = h & 0xF0000000
        if g:
            h ^= g >> 24
        h &= ~g & 0xFFFFFFFF
    return h


class Dynamic:
    """Looks entries up as a guest does: from the header at 40h, by .hash."""

    def __init__(self, data):
        self.data = data
        phoff, phnum = self.word(0x40 + 28), struct.unpack_from("<H", data, 0x40 + 44)[0]
        segments = [struct.unpack_from("<8I", data, 0x40 + phoff + 32 * n) for n in range(phnum)]
        at = next(s[2] for s in segments if s[0] == 2)
        self.load = next(s for s in segments if s[0] == 1)
        self.tags = {}
        while self.word(at):
            self.tags[self.word(at)] = self.word(at + 4)
            at += 8

    def word(self, at):
        return struct.unpack_from("<I", self.data, at)[0]

    def name(self, index):
        at = self.tags[5] + self.word(self.tags[6] + 16 * index)
        return self.data[at : self.data.index(b"\0", at)].decode()

    def lookup(self, name):
        """st_value of the symbol, or None."""
        table = self.tags[4]
        buckets = self.word(table)
        index = self.word(table + 8 + 4 * (sysv_hash(name) % buckets))
        while index:
            if self.name(index) == name:
                return self.word(self.tags[6] + 16 * index + 4)
            index = self.word(table + 8 + 4 * (buckets + index))
        return None


def test_every_call_is_found_by_hash(rom):
    dynamic, linked = Dynamic(rom.read_bytes()), synthetic_rom.symbols(rom)
    for name in [*call_names(), "WRMSR_SPLIT"]:
        assert dynamic.lookup("VMI_" + name) == linked["VMI_" + name][0]
    assert dynamic.lookup("inline.VMI_DisableInterrupts") is not None
    assert dynamic.lookup("VMI_Nothing") is None


def test_program_headers_count_from_40h(rom):
    load = Dynamic(rom.read_bytes()).load
    _, offset, vaddr, _, filesz, memsz, _, align = load
    assert (offset, vaddr) == (0, 0x40) and filesz == memsz and align <= 0x40


def test_lengths_and_checksums(rom):
    data = rom.read_bytes()
    assert len(data) == data[2] * UNIT and sum(data) & 0xFF == 0
    pcir, pnp = struct.unpack_from("<HH", data, 0x18)
    assert struct.unpack_from("<H", data, pcir + PCIR_LENGTH)[0] == data[2]
    assert sum(data[pnp : pnp + 32]) & 0xFF == 0


def test_nothing_else_of_the_image_changes(rom):
    flat = rom.with_name("flat")
    output_of("objcopy", "-O", "binary", rom.with_name("rom.elf"), flat)
    image, data, at = flat.read_bytes(), rom.read_bytes(), synthetic_rom.symbols(rom)
    pcir, pnp = struct.unpack_from("<HH", data, 0x18)
    allowed = {2, pcir + PCIR_LENGTH, pcir + PCIR_RUN_TIME, pnp + PNP_SUM}
    allowed |= {at["rom_checksum"][0], *range(0x40, 0x80)}
    allowed.update(range(at["rom_room"][0], at["rom_room"][0] + 12))
    for name in CRITICAL:
        allowed.update(range(at["VMI_" + name][0], at["VMI_" + name][0] + REDIRECT_LEN))
    table = data.find(original_records(image, at))
    allowed.update(range(table, table + 12 * len(CRITICAL)))
    assert table > 0
    assert {n for n, byte in enumerate(image) if byte != data[n]} <= allowed


def original_records(image, at):
    """What .vmi.original must be."""
    entries = [at["VMI_" + name][0] for name in CRITICAL]
    return b"".join(
        struct.pack("<I6sH", entry, image[entry : entry + REDIRECT_LEN], 0) for entry in entries
    )


def test_critical_entries_go_to_virtual_top(rom):
    data, at = rom.read_bytes(), synthetic_rom.symbols(rom)
    for name in CRITICAL:
        entry = at["VMI_" + name][0]
        assert data[entry : entry + 6] == struct.pack("<BIB", 0x68, VIRTUAL_TOP + entry, 0xC3)
        assert data[entry + 6] == 0xFC  # the rest of the body is as it was
    assert data[at["VMI_Init"][0]] == 0x36


def test_packed_monitor_comes_last(rom):
    """Whole units stay, the monitor begins behind them, and POST knows where it is."""
    data, resident = rom.read_bytes(), resident_size(rom.read_bytes())
    place = synthetic_rom.symbols(rom)["rom_room"][0]
    assert struct.unpack_from("<III", data, place) == (resident, resident, resident + PACKED)
    assert data[resident:].rstrip(b"\0") == PACKED_BYTE * PACKED
    assert data.index(b"\0.shstrtab\0") < resident < RESIDENT_MAX


def sizes_of(lines):
    """{part: bytes} of the table below a fault."""
    return {name.strip(): int(size) for name, size in (line.rsplit(None, 1) for line in lines)}


def test_too_large_is_an_error_with_the_sizes(tmp_path):
    elf = link(tmp_path, packed=MOST)
    done = mkrom(elf)
    first, *table = done.stderr.splitlines()
    assert done.returncode == 1 and not elf.with_name("vmi.rom").exists()
    over = re.fullmatch(rf"mkrom: \S+vmi.rom: (\d+) bytes, want at most {MOST}: (\d+) too many"
                        r" \(.* or raise --max-size\)", first)
    sizes = sizes_of(table)
    assert sizes["packed monitor"] == MOST and sizes["resident part"] == int(over[2])
    assert sum(sizes.values()) == int(over[1])


def test_too_much_that_stays_is_an_error_with_the_sizes(tmp_path):
    elf = link(tmp_path, (r"bits 16\npost:", f"times {RESIDENT_MAX} db 90h\nbits 16\npost:"))
    done = mkrom(elf)
    first, *table = done.stderr.splitlines()
    assert done.returncode == 1 and not elf.with_name("vmi.rom").exists()
    assert re.match(rf"mkrom: \S+vmi.rom: resident part: \d+ bytes, want at most {RESIDENT_MAX}: "
                    r"\d+ too many \(.*ROM_MAX.*\)", first)
    sizes = sizes_of(table)
    assert sizes[".rom"] > RESIDENT_MAX and sizes[".text"] > 0 and sizes["ELF tables"] > 0


def test_largest_rom_that_fits(tmp_path):
    """96 KiB exactly: 192 units."""
    size = mkrom(link(tmp_path)).stdout
    room = int(re.search(r"(\d+) free", size).group(1))
    done = mkrom(link(tmp_path, packed=PACKED + room))
    assert done.returncode == 0 and " 0 free" in done.stdout, done.stderr
    assert (tmp_path / "vmi.rom").read_bytes()[2] == MOST // UNIT
    assert mkrom(link(tmp_path, packed=PACKED + room + 1)).returncode == 1


@pytest.mark.parametrize("content", [b"", b"\2!L\x18", struct.pack("<II", 0x184C2102, 0),
                                     struct.pack("<II", 0x184C2102, 3) + b"four",
                                     struct.pack("<II", 0x184D2204, 4) + b"four"])
def test_what_is_no_packed_monitor(tmp_path, content):
    elf = link(tmp_path)
    elf.with_name("monitor.lz4").write_bytes(content)
    done = mkrom(elf)
    assert done.returncode == 1 and not elf.with_name("vmi.rom").exists()
    assert re.fullmatch(r"mkrom: \S+monitor\.lz4: .*, want one block .*\n", done.stderr)


def test_missing_calls(tmp_path):
    names = [name for name in call_names() if name not in ("Pause", "INB")]
    elf = link(tmp_path, names=names)
    done = mkrom(elf)
    assert done.returncode == 0 and done.stdout.count("\n") == 1
    assert f"{len(names) + 1} calls, 2 missing: Pause INB" in done.stdout
    assert mkrom(elf, "--quiet").stdout == ""
    elf.with_name("vmi.rom").unlink()
    done = mkrom(elf, "--require-all")
    assert done.returncode == 1 and "calls without an entry: Pause INB" in done.stderr
    assert not elf.with_name("vmi.rom").exists()


FAULTS = {
    "checksum symbol": ([("rom_checksum", "rom_header")], "rom_checksum: none"),
    "resident room": ([(", rom_resident_max", "")], "rom_resident_max: none"),
    "room": ([("rom_room, ", "")], "rom_room: none"),
    "PCIR": ([('"PCIR"', '"PCIS"')], "no PCI data structure"),
    "checksum byte": ([(r"(rom_checksum:\n\tdb\t)0", r"\g<1>7")], "rom_checksum: 07, want 00"),
    "signature": ([("55h, 0AAh", "55h, 0ABh")], "55ab, want 55aa"),
    "hypervisor": ([('"cVmi"', '"cVmj"')], "VMI signature"),
    "header": ([("times 64 db 0", "times 64 db 1")], "40h to 7fh are used"),
    "type": ([("VMI_Pause:function .*", "VMI_Pause")], "VMI_Pause: type 0, want 2"),
    "size": ([("VMI_Pause:function .*", "VMI_Pause:function")], "VMI_Pause: size 0"),
    "name": ([("global VMI_Pause:", "global VMI_Paus:"),
              ("VMI_Pause:\n", "VMI_Paus:\nVMI_Pause:\n")],
             "symbol VMI_Paus: no such call"),
    "inline": ([("global VMI_IODelay:function.*", "")], "inline.VMI_IODelay, but no VMI_IODelay"),
    "alias": ([("SPLIT equ VMI_WRMSR", "SPLIT equ VMI_RDMSR")], "another entry"),
    "originals": ([("times 12 db", "times 8 db")], ".vmi.original of 20 bytes, want 24"),
    "originals in use": ([("times 12 db 0", "times 12 db 1")], "is in use"),
    "redirects": ([(r"dd\tVMI_IRET", "dw\tVMI_IRET")], ".vmi.redirect of 6 bytes"),
    "redirect twice": ([(r"dd\tVMI_IRET", "dd\tVMI_SYSEXIT + 2")], "want 6 bytes between"),
    "redirect outside": ([(r"dd\tVMI_IRET", "dd\t12345678h")], "entry 0x12345678"),
    "redirect over inline": ([(r"dd\tVMI_IRET", "dd\tVMI_IODelay")], "lies on the redirected"),
    "short body": ([(r"VMI_IRET:function .*", "VMI_IRET:function 5")], "5 bytes, want 6"),
    "absolute": ([(r"VMI_Pause:function .*\nVMI_Pause:",
                   "VMI_Pause:function 4\nVMI_Pause equ 123h")],
                 "VMI_Pause: 0x123 to 0x127, want it inside"),
}


@pytest.mark.parametrize("edits, line", FAULTS.values(), ids=FAULTS.keys())
def test_fault_is_one_line(tmp_path, edits, line):
    elf = link(tmp_path, *edits)
    done = mkrom(elf)
    assert done.returncode == 1 and done.stdout == "" and not elf.with_name("vmi.rom").exists()
    assert re.fullmatch(r"mkrom: \S*rom\.elf: .*\n", done.stderr), done.stderr
    assert line in done.stderr


def test_what_is_no_linked_image(tmp_path):
    elf = link(tmp_path)
    whole = elf.read_bytes()
    for content in (b"", b"\x7fELF", whole[:100], whole[:5000], whole[:-100], bytes(4000),
                    (tmp_path / "rom.o").read_bytes()):
        elf.write_bytes(content)
        done = mkrom(elf)
        assert done.returncode == 1 and re.fullmatch(r"mkrom: .*\n", done.stderr), done.stderr
    elf.unlink()
    assert "No such file" in mkrom(elf).stderr
