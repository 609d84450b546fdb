#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Expected decodings for test_decode.c, from the assembler and from objdump.

gen_encodings.py table
    Composes instruction texts whose parts it knows, assembles them with NASM in
    32- and in 16-bit code, and prints a line for each:
        bits bytes map opcode opsize adsize repeat lock modrm reg rm memory \\
        segment base index scale displacement immediate selector
    (numbers in hex; - for a field that means nothing here)

gen_encodings.py random SEED COUNT
    Prints `bits bytes length text` for random bytes that objdump takes for an
    instruction.
"""

import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

REGISTERS = {
    1: ["al", "cl", "dl", "bl", "ah", "ch", "dh", "bh"],
    2: ["ax", "cx", "dx", "bx", "sp", "bp", "si", "di"],
    4: ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"],
}
SEGMENTS = ["es", "cs", "ss", "ds", "fs", "gs"]
WORD = {1: "byte", 2: "word", 4: "dword", 6: "", 8: "qword"}
NONE = 8
SS, DS = 2, 3
MASK32 = 0xFFFFFFFF


class Memory:
    """A memory operand: its text, and what decode() must make of it."""

    def __init__(self, text, size, base=NONE, index=NONE, scale=0, disp=0, segment=None):
        self.text, self.address_size = text, size
        self.base, self.index, self.scale = base, index, scale
        self.disp = disp & MASK32
        stack = base in (4, 5)
        self.segment = segment if segment is not None else SS if stack else DS
        if segment is not None:
            self.text = f"{SEGMENTS[segment]}:{text}"


def memory_operands():
    """Every 16- and 32-bit address form, with displacements of each size."""
    forms = []
    for base, name in enumerate(REGISTERS[4]):
        for disp in (0, 0x12, -0x80, 0x12345678, -0x1234567):
            forms.append(Memory(f"{name}{disp:+#x}" if disp else name, 4, base, disp=disp))
        for index, index_name in enumerate(REGISTERS[4]):
            if index == 4:
                continue
            for scale, disp in ((1, 4), (2, -0x10000), (3, 0x7F)):
                forms.append(Memory(f"{name}+{index_name}*{1 << scale}{disp:+#x}", 4, base, index, scale, disp))
    for index, index_name in enumerate(REGISTERS[4]):
        if index != 4:
            forms.append(Memory(f"nosplit {index_name}*4+0x1234", 4, NONE, index, 2, 0x1234))
    forms.append(Memory("dword 0x89abcdef", 4, disp=0x89ABCDEF))
    pairs = [("bx+si", 3, 6), ("bx+di", 3, 7), ("bp+si", 5, 6), ("bp+di", 5, 7),
             ("si", 6, NONE), ("di", 7, NONE), ("bp", 5, NONE), ("bx", 3, NONE)]
    for name, base, index in pairs:
        for disp in (0, 0x12, -0x80, 0x1234, -0x1234):
            forms.append(Memory(f"{name}{disp:+#x}" if disp else name, 2, base, index, disp=disp))
    forms.append(Memory("word 0x7bcd", 2, disp=0x7BCD))
    return forms


class Insn:
    """One expected decoding; unset fields are not compared."""

    FIELDS = ("map", "opcode", "opsize", "adsize", "repeat", "lock", "modrm", "reg", "rm", "memory",
              "segment", "base", "index", "scale", "disp", "imm", "selector")

    def __init__(self, bits, text, **fields):
        self.bits, self.text = bits, text
        self.fields = {"repeat": 0, "lock": 0}
        self.fields.update(fields)

    def line(self, code):
        """The line of the table.  Fields have the sign extension of decode.h."""
        values = (self.fields.get(name) for name in self.FIELDS)
        return " ".join([str(self.bits), code, *("-" if v is None else f"{v:x}" for v in values)])


def with_memory(bits, pattern, mem, **fields):
    return Insn(bits, pattern.format(f"[{mem.text}]"), modrm=1, memory=1, adsize=mem.address_size,
                segment=mem.segment, base=mem.base, index=mem.index, scale=mem.scale,
                disp=mem.disp, **fields)


def address_forms(bits):
    """One instruction with every address form, every segment override with some."""
    forms = memory_operands()
    for i, mem in enumerate(forms):
        reg = i % 8
        yield with_memory(bits, f"sub {REGISTERS[4][reg]}, {{}}", mem, map=0, opcode=0x2B, reg=reg, opsize=4)
    for mem in forms[::7]:
        for segment in range(6):
            over = Memory(mem.text, mem.address_size, mem.base, mem.index, mem.scale, mem.disp, segment)
            yield with_memory(bits, "lgdt {}", over, map=1, opcode=1, reg=2)


# Two-operand ALU instructions, in the order of their opcodes.
ALU = ["add", "or", "adc", "sbb", "and", "sub", "xor", "cmp"]


def alu(bits, mem):
    for number, name in enumerate(ALU):
        for size in (1, 2, 4):
            wide = int(size > 1)
            opsize = size if wide else None
            reg = REGISTERS[size][5]
            yield with_memory(bits, f"{name} {{}}, {reg}", mem, map=0, opcode=number * 8 + wide, reg=5, opsize=opsize)
            yield with_memory(bits, f"{name} {reg}, {{}}", mem, map=0, opcode=number * 8 + 2 + wide, reg=5, opsize=opsize)
            yield with_memory(bits, f"{name} {WORD[size]} {{}}, byte -5", mem, map=0, opcode=0x83 if wide else 0x80,
                              reg=number, opsize=opsize, imm=-5 & MASK32)
            if wide:
                value = 0x1234 if size == 2 else 0x12345678
                yield with_memory(bits, f"{name} {WORD[size]} {{}}, {value:#x}", mem, map=0, opcode=0x81,
                                  reg=number, opsize=opsize, imm=value)
            if name != "cmp":
                yield with_memory(bits, f"lock {name} {{}}, {reg}", mem, map=0, opcode=number * 8 + wide,
                                  reg=5, opsize=opsize, lock=1)


def data_movement(bits, mem):
    for size in (1, 2, 4):
        wide = int(size > 1)
        opsize = size if wide else None
        reg, word = REGISTERS[size][6], WORD[size]
        rows = [
            (f"mov {{}}, {reg}", 0, 0x88, 6), (f"mov {reg}, {{}}", 0, 0x8A, 6), (f"test {{}}, {reg}", 0, 0x84, 6),
            (f"xchg {{}}, {reg}", 0, 0x86, 6), (f"xadd {{}}, {reg}", 1, 0xC0, 6), (f"cmpxchg {{}}, {reg}", 1, 0xB0, 6),
            (f"not {word} {{}}", 0, 0xF6, 2), (f"neg {word} {{}}", 0, 0xF6, 3), (f"mul {word} {{}}", 0, 0xF6, 4),
            (f"inc {word} {{}}", 0, 0xFE, 0), (f"dec {word} {{}}", 0, 0xFE, 1), (f"shl {word} {{}}, cl", 0, 0xD2, 4),
            (f"sar {word} {{}}, 1", 0, 0xD0, 7),
        ]
        for text, opcode_map, opcode, number in rows:
            yield with_memory(bits, text, mem, map=opcode_map, opcode=opcode + wide, reg=number, opsize=opsize)
        for text, opcode, number in ((f"mov {word} {{}}, 0x21", 0xC6, 0), (f"test {word} {{}}, 0x21", 0xF6, 0)):
            yield with_memory(bits, text, mem, map=0, opcode=opcode + wide, reg=number, opsize=opsize, imm=0x21)
        yield with_memory(bits, f"shr {word} {{}}, 3", mem, map=0, opcode=0xC0 + wide, reg=5, opsize=opsize, imm=3)
    for size in (2, 4):
        reg = REGISTERS[size][1]
        for number, name in enumerate(("bt", "bts", "btr", "btc")):
            yield with_memory(bits, f"{name} {{}}, {reg}", mem, map=1, opcode=0xA3 + 8 * number, reg=1, opsize=size)
            yield with_memory(bits, f"{name} {WORD[size]} {{}}, 7", mem, map=1, opcode=0xBA, reg=4 + number,
                              opsize=size, imm=7)
        for name, opcode in (("movzx", 0xB6), ("movsx", 0xBE)):
            yield with_memory(bits, f"{name} {reg}, byte {{}}", mem, map=1, opcode=opcode, reg=1, opsize=size)
        for text, opcode, number in (("push", 0xFF, 6), ("pop", 0x8F, 0), ("call", 0xFF, 2), ("jmp", 0xFF, 4),
                                     ("call far", 0xFF, 3), ("jmp far", 0xFF, 5)):
            yield with_memory(bits, f"{text} {WORD[size]} {{}}", mem, map=0, opcode=opcode, reg=number, opsize=size)
        for name, opcode_map, opcode in (("les", 0, 0xC4), ("lds", 0, 0xC5), ("lss", 1, 0xB2), ("lfs", 1, 0xB4),
                                         ("lgs", 1, 0xB5)):
            yield with_memory(bits, f"{name} {reg}, {{}}", mem, map=opcode_map, opcode=opcode, reg=1, opsize=size)
        yield with_memory(bits, f"shld {{}}, {reg}, 9", mem, map=1, opcode=0xA4, reg=1, opsize=size, imm=9)
        yield with_memory(bits, f"imul {reg}, {{}}, byte -3", mem, map=0, opcode=0x6B, reg=1, opsize=size,
                          imm=-3 & MASK32)
    yield with_memory(bits, "pshufb mm1, {}", mem, map=2, opcode=0, reg=1)
    yield with_memory(bits, "palignr mm1, {}, 5", mem, map=3, opcode=0x0F, reg=1, imm=5)
    yield with_memory(bits, "movzx edx, word {}", mem, map=1, opcode=0xB7, reg=2, opsize=4)
    yield with_memory(bits, "lock cmpxchg8b {}", mem, map=1, opcode=0xC7, reg=1, lock=1)
    for text, opcode, number in (("lgdt", 1, 2), ("lidt", 1, 3), ("sgdt", 1, 0), ("sidt", 1, 1), ("smsw", 1, 4),
                                 ("lmsw", 1, 6), ("invlpg", 1, 7), ("sldt word", 0, 0), ("lldt", 0, 2),
                                 ("ltr", 0, 3), ("verr", 0, 4)):
        yield with_memory(bits, f"{text} {{}}", mem, map=1, opcode=opcode, reg=number)
    for segment in (0, 2, 3, 4, 5):
        yield with_memory(bits, f"mov {SEGMENTS[segment]}, {{}}", mem, map=0, opcode=0x8E, reg=segment)
        yield with_memory(bits, f"mov word {{}}, {SEGMENTS[segment]}", mem, map=0, opcode=0x8C, reg=segment)


def register_forms(bits):
    for reg in range(8):
        name = REGISTERS[4][reg]
        yield Insn(bits, f"mov {name}, ebx", map=0, opcode=0x89, modrm=1, memory=0, reg=3, rm=reg, opsize=4)
        for number in (0, 2, 3, 4):
            yield Insn(bits, f"mov {name}, cr{number}", map=1, opcode=0x20, modrm=1, memory=0, reg=number, rm=reg)
            yield Insn(bits, f"mov cr{number}, {name}", map=1, opcode=0x22, modrm=1, memory=0, reg=number, rm=reg)
        for number in range(8):
            yield Insn(bits, f"mov {name}, dr{number}", map=1, opcode=0x21, modrm=1, memory=0, reg=number, rm=reg)
            yield Insn(bits, f"mov dr{number}, {name}", map=1, opcode=0x23, modrm=1, memory=0, reg=number, rm=reg)
        for size in (2, 4):
            yield Insn(bits, f"push {REGISTERS[size][reg]}", map=0, opcode=0x50 + reg, opsize=size, memory=0)
            value = 0x4321 if size == 2 else 0x87654321
            yield Insn(bits, f"mov {REGISTERS[size][reg]}, {value:#x}", map=0, opcode=0xB8 + reg, opsize=size, imm=value)
        word = REGISTERS[2][reg]
        yield Insn(bits, f"lldt {word}", map=1, opcode=0, modrm=1, memory=0, reg=2, rm=reg)
        yield Insn(bits, f"ltr {word}", map=1, opcode=0, modrm=1, memory=0, reg=3, rm=reg)
        yield Insn(bits, f"lmsw {word}", map=1, opcode=1, modrm=1, memory=0, reg=6, rm=reg)
        for segment in (0, 2, 3, 4, 5):
            yield Insn(bits, f"mov {SEGMENTS[segment]}, {word}", map=0, opcode=0x8E, modrm=1, memory=0,
                       reg=segment, rm=reg)


PLAIN = {"cli": 0xFA, "sti": 0xFB, "hlt": 0xF4, "int3": 0xCC, "into": 0xCE, "xlatb": 0xD7, "cld": 0xFC,
         "nop": 0x90, "daa": 0x27, "aaa": 0x37, "lahf": 0x9F, "push cs": 0x0E, "push ss": 0x16, "push ds": 0x1E,
         "push es": 0x06, "pop es": 0x07, "pop ss": 0x17, "pop ds": 0x1F, "wait": 0x9B, "leave": 0xC9, "ret": 0xC3}
PLAIN_0F = {"clts": 6, "invd": 8, "wbinvd": 9, "wrmsr": 0x30, "rdtsc": 0x31, "rdmsr": 0x32, "rdpmc": 0x33,
            "sysenter": 0x34, "sysexit": 0x35, "cpuid": 0xA2, "pop fs": 0xA1, "pop gs": 0xA9, "push fs": 0xA0,
            "ud2": 0x0B, "emms": 0x77, "bswap ecx": 0xC9}


def plain(bits):
    for text, opcode in PLAIN.items():
        yield Insn(bits, text, map=0, opcode=opcode, memory=0)
    for text, opcode in PLAIN_0F.items():
        yield Insn(bits, text, map=1, opcode=opcode, memory=0)
    for text, opcode in (("pusha", 0x60), ("popa", 0x61), ("pushf", 0x9C), ("popf", 0x9D), ("iret", 0xCF)):
        yield Insn(bits, text + "w", map=0, opcode=opcode, opsize=2)
        yield Insn(bits, text + "d", map=0, opcode=opcode, opsize=4)
    for prefix, size in (("o16 ", 2), ("o32 ", 4)):
        yield Insn(bits, f"{prefix}retf", map=0, opcode=0xCB, opsize=size, imm=0)
        yield Insn(bits, f"{prefix}retf 0x9234", map=0, opcode=0xCA, opsize=size, imm=0xFFFF9234)
    yield Insn(bits, "ret 0xfff8", map=0, opcode=0xC2, imm=0xFFFFFFF8)
    yield Insn(bits, "enter 0x9234, 5", map=0, opcode=0xC8, imm=0xFFFF9234, selector=5)
    yield Insn(bits, "jmp dword 0xfedc:0x89abcdef", map=0, opcode=0xEA, opsize=4, imm=0x89ABCDEF, selector=0xFEDC)
    yield Insn(bits, "jmp word 0xfedc:0x8bcd", map=0, opcode=0xEA, opsize=2, imm=0xFFFF8BCD, selector=0xFEDC)
    yield Insn(bits, "call dword 0x10:0x12345", map=0, opcode=0x9A, opsize=4, imm=0x12345, selector=0x10)
    yield Insn(bits, "call word 0x10:0x1234", map=0, opcode=0x9A, opsize=2, imm=0x1234, selector=0x10)
    yield Insn(bits, "push dword 0x12345678", map=0, opcode=0x68, opsize=4, imm=0x12345678)
    yield Insn(bits, "push word 0x1234", map=0, opcode=0x68, opsize=2, imm=0x1234)
    yield Insn(bits, "push byte -2", map=0, opcode=0x6A, imm=-2 & MASK32)
    for vector in (0x21, 0x80, 0xFF):
        yield Insn(bits, f"int {vector:#x}", map=0, opcode=0xCD, imm=vector | (MASK32 & ~0xFF if vector & 0x80 else 0))
    yield Insn(bits, "call dword $+0x1000", map=0, opcode=0xE8, opsize=4)
    yield Insn(bits, "jmp word $+0x1000", map=0, opcode=0xE9, opsize=2)
    yield Insn(bits, "jz near $+0x1000", map=1, opcode=0x84)
    yield Insn(bits, "jz short $+0x10", map=0, opcode=0x74)


def ports_and_strings(bits):
    for size in (1, 2, 4):
        wide = int(size > 1)
        opsize = size if wide else None
        acc, suffix = REGISTERS[size][0], "bwd"[size // 2]
        yield Insn(bits, f"in {acc}, 0x64", map=0, opcode=0xE4 + wide, opsize=opsize, imm=0x64)
        yield Insn(bits, f"out 0x21, {acc}", map=0, opcode=0xE6 + wide, opsize=opsize, imm=0x21)
        yield Insn(bits, f"in {acc}, dx", map=0, opcode=0xEC + wide, opsize=opsize)
        yield Insn(bits, f"out dx, {acc}", map=0, opcode=0xEE + wide, opsize=opsize)
        for name, opcode in (("ins", 0x6C), ("outs", 0x6E), ("movs", 0xA4), ("cmps", 0xA6), ("stos", 0xAA),
                             ("lods", 0xAC), ("scas", 0xAE)):
            for address in (2, 4):
                common = dict(map=0, opcode=opcode + wide, opsize=opsize, adsize=address, memory=0)
                text = f"a{address * 8} {name}{suffix}"
                yield Insn(bits, text, segment=DS, **common)
                yield Insn(bits, f"rep {text}", repeat=0xF3, segment=DS, **common)
                yield Insn(bits, f"repne {text}", repeat=0xF2, **common)
                yield Insn(bits, f"fs rep {text}", repeat=0xF3, segment=4, **common)
        for address in (2, 4):
            for segment in (None, 1, 5):
                where = f"{'word' if address == 2 else 'dword'} 0x1234"
                mem = Memory(where, address, disp=0x1234, segment=segment)
                common = dict(map=0, opsize=opsize, adsize=address, memory=1, base=NONE, index=NONE, disp=0x1234,
                              segment=mem.segment)
                yield Insn(bits, f"mov {acc}, [{mem.text}]", opcode=0xA0 + wide, **common)
                yield Insn(bits, f"mov [{mem.text}], {acc}", opcode=0xA2 + wide, **common)


def all_instructions(bits):
    yield from address_forms(bits)
    for mem in (Memory("ebx+esi*4+0x1234", 4, 3, 6, 2, 0x1234), Memory("bp+di-2", 2, 5, 7, disp=-2),
                Memory("esp", 4, 4)):
        yield from alu(bits, mem)
        yield from data_movement(bits, mem)
    yield from register_forms(bits)
    yield from plain(bits)
    yield from ports_and_strings(bits)


def assemble(bits, insns):
    """The bytes of every instruction, from NASM's listing."""
    with tempfile.TemporaryDirectory() as directory:
        source, listing = Path(directory, "a.asm"), Path(directory, "a.lst")
        source.write_text(f"bits {bits}\n" + "".join(f"{i.text}\n" for i in insns))
        subprocess.run(["nasm", "-f", "bin", "-w-all", "-o", "/dev/null", "-l", listing, source], check=True)
        codes = {}
        for line in listing.read_text().splitlines():
            match = re.match(r" *(\d+) [0-9A-F]{8} ([0-9A-F()\[\]]+)(-?)", line)
            if match:
                number = int(match[1])
                codes[number] = codes.get(number, "") + re.sub(r"[()\[\]]", "", match[2])
    return [codes[number + 2] for number in range(len(insns))]


def print_table():
    for bits in (32, 16):
        insns = list(all_instructions(bits))
        for insn, code in zip(insns, assemble(bits, insns)):
            print(insn.line(code))


SLOT = 32
# What objdump prints for prefixes that it shows as instructions of their own.
LONE_PREFIX = {"repz", "repnz", "rep", "lock", "data16", "data32", "addr16", "addr32", "es", "cs", "ss", "ds",
               "fs", "gs", "fwait", "xacquire", "xrelease", "bnd", "notrack"}


def random_bytes(rng):
    prefixes = bytes(rng.choice(b"\x66\x67\x26\x2e\x36\x3e\x64\x65\xf0\xf2\xf3") for _ in range(rng.choice((0, 0, 0, 1, 2))))
    escape = rng.choice((b"", b"", b"\x0f"))
    return (prefixes + escape + rng.randbytes(15))[:15].ljust(SLOT, b"\x90")


def disassemble(bits, blob, count):
    """Address to (length, text) of the first instruction of every slot."""
    with tempfile.TemporaryDirectory() as directory:
        source, obj = Path(directory, "a.s"), Path(directory, "a.o")
        # objdump starts afresh at every symbol.
        lines = [f"s{i}: .byte " + ",".join(map(str, blob[i * SLOT:(i + 1) * SLOT])) for i in range(count)]
        source.write_text("\n".join(lines) + "\n")
        subprocess.run(["as", "--32", "-o", obj, source], check=True)
        out = subprocess.run(["objdump", "-d", "-m", "i386" if bits == 32 else "i8086", "--insn-width=16", obj],
                             check=True, stdout=subprocess.PIPE, text=True).stdout
    found = {}
    for match in re.finditer(r"^ *([0-9a-f]+):\t((?:[0-9a-f]{2} )+) *\t?(.*)$", out, re.M):
        address = int(match[1], 16)
        if address % SLOT == 0:
            found[address // SLOT] = len(match[2].split()), match[3].strip()
    return found


def print_random(seed, count):
    rng = random.Random(seed)
    for bits in (32, 16):
        blob = b"".join(random_bytes(rng) for _ in range(count))
        for slot, (length, text) in sorted(disassemble(bits, blob, count).items()):
            words = text.split()
            if "(bad)" in text or length > 15 or all(word in LONE_PREFIX for word in words):
                continue
            print(bits, blob[slot * SLOT:slot * SLOT + 15].hex(), f"{length:x}", text)


def main(argv):
    if argv[1:] == ["table"]:
        print_table()
    elif len(argv) == 4 and argv[1] == "random":
        print_random(int(argv[2]), int(argv[3]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv)
