# SPDX-License-Identifier: GPL-2.0-only
"""include/vmi.h and the guest library: every compiler, dialect and level; every site's bytes."""

import re
import struct
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "tests" / "host" / "headers"
LIBRARY = sorted((ROOT / "guest").glob("*.c"))
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-pedantic"]
COMPILERS = ["gcc", "clang"]
DIALECTS = {"c99": ["-x", "c"], "c11": ["-x", "c"], "c++11": ["-x", "c++"], "c++17": ["-x", "c++"]}
LEVELS = ["-O0", "-O1", "-O2", "-O3", "-Os"]
PIC = ["-fno-pic", "-fPIC"]

# The padding of 1 to 8 bytes, written down here once more on purpose
NOPS = [bytes.fromhex(text) for text in (
    "90", "6690", "8d7600", "8d742600", "3e8d742600", "8db600000000",
    "8db42600000000", "3e8db42600000000",
)]  # fmt: skip

# Native bodies, from the processor's manual: what no wrapper may get wrong
NATIVE = {
    "DisableInterrupts": "fa", "EnableInterrupts": "fb", "Halt": "fbf4",
    "GetInterruptMask": "9c5825 00020000", "SetInterruptMask": "fa f6c402 7401 fb",
    "SetGDT": "0f0110", "SetIDT": "0f0118", "GetGDT": "0f0100", "GetIDT": "0f0108",
    "SetLDT": "0f00d0", "SetTR": "0f00d8", "CPUID": "0fa2", "WRMSR": "0f30", "RDMSR": "0f32",
    "SetCR0": "0f22c0", "SetCR2": "0f22d0", "SetCR3": "0f22d8", "SetCR4": "0f22e0",
    "GetCR0": "0f20c0", "GetCR2": "0f20d0", "GetCR3": "0f20d8", "GetCR4": "0f20e0",
    "CLTS": "0f06", "RDTSC": "0f31", "RDPMC": "0f33", "WBINVD": "0f09", "IRET": "cf",
    "SYSEXIT": "fb 0f35", "INB": "ec", "INW": "66ed", "INL": "ed", "OUTB": "ee",
    "OUTW": "66ef", "OUTL": "ef", "INSB": "f36c", "INSL": "f36d", "OUTSB": "f36e",
    "OUTSL": "f36f", "SetPte": "8902", "SetPxE": "8902", "SwapPte": "8702",
    "TestAndSetPteBit": "f00fab02 19c0", "TestAndClearPteBit": "f00fb302 19c0",
    "InvalPage": "0f0138", "Pause": "f390", "APICWrite": "8910", "APICRead": "8b00",
}  # fmt: skip

NO_SITE = {"Init", "GetRelocationInfo"}
ASSEMBLER_ONLY = {"IRET", "SYSEXIT"}


def calls():
    """(name, size of its site) of each call."""
    text = (ROOT / "include" / "vmi_calls.def").read_text()
    rows = re.findall(r"^VMI_CALL\((\w+),\s*\w+,\s*\w+,\s*(\d+),", text, re.M)
    return [(name, int(size)) for name, size in rows]


def run(command, directory, **options):
    done = subprocess.run(
        [str(word) for word in command], cwd=directory, capture_output=True, text=True, **options
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}"
    return done.stdout


def compile_c(directory, compiler, source, target, *options):
    flags = ["-m32", "-ffreestanding", "-fno-stack-protector", f"-I{ROOT / 'include'}"]
    run([compiler, *flags, *WARNINGS, *options, "-c", source, "-o", target], directory)


LINKER_SCRIPT = """
SECTIONS {
	. = 0x100000;
	.text : { *(.text .text.*) }
	.rest : { *(.rodata .rodata.*) *(.data .data.* .got .got.*) *(.bss .bss.*) }
	INCLUDE vmi-sites.ld
	/DISCARD/ : { *(.comment .eh_frame .note.*) }
}
"""


def link(directory, *objects):
    """The sites of linked objects: (address, call, bytes, native length, native bytes)."""
    (directory / "t.ld").write_text(LINKER_SCRIPT)
    run(["ld", "-m", "elf_i386", "-static", "-L", ROOT / "linker", "-T", "t.ld", "-e", "0",
         "--unresolved-symbols=ignore-all", "--no-warn-rwx-segments", "-z", "noexecstack",
         "--fatal-warnings", "-o", "t.elf", *objects], directory)  # fmt: skip
    return read_sites(directory)


def read_sites(directory):
    for section in ".text", ".vmi_sites":
        run(["objcopy", "-O", "binary", "-j", section, "t.elf", f"t{section}"], directory)
    text = (directory / "t.text").read_bytes()
    records = (directory / "t.vmi_sites").read_bytes()
    assert len(records) % 32 == 0
    sites = []
    for place in range(0, len(records), 32):
        address, call, length, native = struct.unpack_from("<IHBB", records, place)
        start = address - 0x100000
        assert 0 <= start and start + length <= len(text)
        sites.append((address, call, text[start : start + length], native,
                      records[place + 8 : place + 32]))  # fmt: skip
    return sites


def padding(length):
    return NOPS[7] * (length // 8) + (NOPS[length % 8 - 1] if length % 8 else b"")


def check_sites(sites, expected_calls):
    """Each record says what is there; returns the native body of each call."""
    table = calls()
    bodies = {}
    for address, call, text, native, copy in sites:
        name, size = table[call]
        assert len(text) == max(size, native) <= 24, name
        assert copy == text[:native] + bytes(24 - native), f"{name} at {address:x}"
        assert text[native:] == padding(len(text) - native), f"{name} at {address:x}"
        bodies.setdefault(name, set()).add(text[:native])
    assert set(bodies) == expected_calls
    addresses = sorted((address, len(text)) for address, _, text, _, _ in sites)
    for (low, length), (high, _) in zip(addresses, addresses[1:]):
        assert low + length <= high
    return bodies


def all_calls(*without):
    return {name for name, _ in calls()}.difference(NO_SITE, *without)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("compiler", COMPILERS)
def test_wrappers_compile(compiler, dialect, tmp_path):
    """Every level, with and without PIC; and the sites are as recorded."""
    for level in LEVELS:
        for pic in PIC:
            options = [*DIALECTS[dialect], f"-std={dialect}", level, pic]
            compile_c(tmp_path, compiler, SOURCES / "wrappers.c", "t.o", *options)
            bodies = check_sites(link(tmp_path, "t.o"), all_calls(ASSEMBLER_ONLY))
            for name, code in NATIVE.items():
                if name not in ASSEMBLER_ONLY:
                    assert bodies[name] == {bytes.fromhex(code)}, name
            # Debug registers 0 to 3, 6 and 7 have an instruction each
            assert len(bodies["SetDR"]) == 6


def assembler_sources(directory):
    """The sites of all calls but the debug registers', for gas and for NASM."""
    names = [name for name, _ in calls() if name not in NO_SITE | {"SetDR", "GetDR"}]
    gas = ['#include "vmi.h"', ".text", *(f"VMI_SITE({name})" for name in names),
           "VMI_SITE_AS(SetDR, 3, movl %edx, %db7)", "VMI_SITE_AS(GetDR, 3, movl %db6, %eax)",
           "VMI_IRET", "VMI_SYSEXIT"]  # fmt: skip
    nasm = ['%include "vmi.inc"', "section .text align=4", *(f"VMI_SITE {name}" for name in names)]
    for name, code in ("SetDR", "mov dr7, edx"), ("GetDR", "mov eax, dr6"):
        nasm += [f"VMI_SITE_BEGIN {name}", code, f"VMI_SITE_RECORD {name}", code, "VMI_SITE_END"]
    nasm += ["VMI_IRET", "VMI_SYSEXIT"]
    (directory / "t.S").write_text("\n".join(gas) + "\n")
    (directory / "t.asm").write_text("\n".join(nasm) + "\n")
    run(["/usr/bin/python3", ROOT / "tools" / "gen-calls", "--nasm", "vmi_calls.inc",
         "--reloc", "reloc.inc", ROOT / "include" / "vmi_calls.def"], directory)  # fmt: skip


def test_assemblers_agree(tmp_path):
    """Gas, clang and NASM make the same bytes of every site, and C the same bodies."""
    assembler_sources(tmp_path)
    results = []
    for compiler in COMPILERS:
        run([compiler, "-m32", f"-I{ROOT / 'include'}", "-c", "t.S", "-o", "t.o"], tmp_path)
        results.append(link(tmp_path, "t.o"))
    run(["nasm", "-Wall", "-Werror", "-f", "elf32", f"-I{ROOT / 'include'}/", "-o", "t.o",
         "t.asm"], tmp_path)  # fmt: skip
    results.append(link(tmp_path, "t.o"))
    assert results[0] == results[1] == results[2]
    bodies = check_sites(results[0], all_calls())
    for name, code in NATIVE.items():
        assert bodies[name] == {bytes.fromhex(code)}, name
    compile_c(tmp_path, "gcc", SOURCES / "wrappers.c", "c.o", "-std=c99", "-O2")
    for name, body in check_sites(link(tmp_path, "c.o"), all_calls(ASSEMBLER_ONLY)).items():
        assert name in ("SetDR", "GetDR") or body == bodies[name], name


@pytest.mark.parametrize("name", ["calls", "native"])
@pytest.mark.parametrize("compiler", COMPILERS)
def test_wrappers_run(compiler, name, tmp_path):
    """The wrappers' registers, patched into calls; and what the native bodies do."""
    for level in LEVELS:
        for more in ["-fno-pic"], ["-fPIC"], ["-fomit-frame-pointer"], ["-march=i586"]:
            run([compiler, "-m32", level, *more, "-Wall", "-Wextra", "-Werror", "-static",
                 f"-I{ROOT / 'include'}", f"-L{ROOT / 'linker'}", f"-Wl,-T,{SOURCES}/sites.ld",
                 SOURCES / f"{name}.c", "-o", "t"], tmp_path)  # fmt: skip
            run(["./t"], tmp_path)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_shared_inline_functions(compiler, tmp_path):
    """Sites in C++ functions that the linker merges are recorded once."""
    for level in "-O0", "-O2":
        for number in 1, 2:
            compile_c(tmp_path, compiler, SOURCES / "shared.cpp", f"{number}.o", "-std=c++11",
                      level, f"-DENTRY=entry{number}", f"-DPOINTER=pointer{number}")  # fmt: skip
        sites = link(tmp_path, "1.o", "2.o")
        check_sites(sites, {"SetCR3", "FlushTLB", "SetIOPLMask"})


def test_link_time_optimisation(tmp_path):
    for number in 1, 2:
        compile_c(tmp_path, "gcc", SOURCES / "wrappers.c", f"{number}.o", "-std=c11", "-O2",
                  "-flto", *(f"-Duse_{part}=use_{part}{number}" for part in
                             ("core", "descriptors", "cpu", "io", "time", "mmu",
                              "announcements", "library", "prototypes")))  # fmt: skip
    (tmp_path / "t.ld").write_text(LINKER_SCRIPT)
    run(["gcc", "-m32", "-flto", "-O2", "-nostdlib", "-static", f"-L{ROOT / 'linker'}",
         "-Wl,-T,t.ld,-e,0,--unresolved-symbols=ignore-all,--no-warn-rwx-segments",
         "-Wl,-u,use_core1,-u,use_cpu2,-u,use_mmu1,-u,use_mmu2,--build-id=none",
         "1.o", "2.o", "-o", "t.elf"], tmp_path)  # fmt: skip
    names = {calls()[call][0] for _, call, _, _, _ in read_sites(tmp_path)}
    check_sites(read_sites(tmp_path), names)
    assert {"DisableInterrupts", "WRMSR", "SetPteLong"} <= names


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("length", [1, 3])
def test_wrong_length_is_refused(compiler, length, tmp_path):
    """CLTS has two bytes: a body of another length than was said does not assemble."""
    (tmp_path / "t.S").write_text(f'#include "vmi.h"\nVMI_SITE_AS(CLTS, {length}, clts)\n')
    done = subprocess.run([compiler, "-m32", f"-I{ROOT / 'include'}", "-c", "t.S"], cwd=tmp_path,
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode != 0 and ".org" in done.stderr


FRUGAL = r"""
#include "vmi.h"
__attribute__((regparm(3))) int keep(int a, int b, int c);
__attribute__((regparm(3))) int keep(int a, int b, int c)
{
	vmi_disable_interrupts();
	a += b + c;
	vmi_enable_interrupts();
	return a;
}
"""


@pytest.mark.parametrize("compiler", COMPILERS)
def test_no_register_is_wasted(compiler, tmp_path):
    """Around calls that preserve all registers the compiler spills and moves nothing."""
    (tmp_path / "f.c").write_text(FRUGAL)
    compile_c(tmp_path, compiler, "f.c", "f.o", "-std=c99", "-O2", "-fomit-frame-pointer",
              "-Wno-pedantic", "-fcf-protection=none", "-fno-pic")  # fmt: skip
    text = run(["objdump", "-d", "--no-show-raw-insn", "f.o"], tmp_path)
    instructions = re.findall(r"^\s+[0-9a-f]+:\s+(\w+)", text, re.M)
    assert not {"push", "pop", "mov"} & set(instructions), text


@pytest.mark.parametrize("compiler", COMPILERS)
def test_library_stands_alone(compiler, tmp_path):
    """No level makes the library call memcpy() or another function that a kernel may lack."""
    for level in LEVELS:
        for source in LIBRARY:
            compile_c(tmp_path, compiler, source, source.stem + ".o", "-std=c99", level,
                      "-fno-pic")  # fmt: skip
        objects = [source.stem + ".o" for source in LIBRARY]
        run(["ld", "-m", "elf_i386", "-r", "-o", "all.o", *objects], tmp_path)
        undefined = run(["nm", "-u", "all.o"], tmp_path).split()[1::2]
        assert set(undefined) == {"__vmi_sites_start", "__vmi_sites_end"}, level


def test_c_nops_agree(tmp_path):
    """guest/nops.c has the padding that the macros emit."""
    (tmp_path / "n.c").write_text(
        '#include <stdio.h>\n#include "lib.h"\nint main(void) { unsigned char b[24]; int n, i;'
        "for (n = 0; n <= 24; n++) { vmi_fill_nops(b, n);"
        'for (i = 0; i < n; i++) printf("%02x", b[i]); puts(""); } }\n'
    )
    run(["gcc", f"-I{ROOT / 'include'}", f"-I{ROOT / 'guest'}", "n.c", ROOT / "guest" / "nops.c",
         "-o", "n"], tmp_path)  # fmt: skip
    assert run(["./n"], tmp_path).split("\n")[:25] == [padding(n).hex() for n in range(25)]


MONITOR_HEADERS = sorted((ROOT / "hypervisor").glob("*/*.h"))


@pytest.mark.parametrize("header", MONITOR_HEADERS, ids=lambda path: f"{path.parent.name}/{path.name}")
@pytest.mark.parametrize("compiler", COMPILERS)
def test_monitor_header_stands_alone(compiler, header, tmp_path):
    """Twice, too: its guard holds."""
    line = f'#include "{header.parent.name}/{header.name}"\n'
    (tmp_path / "h.c").write_text(line * 2 + "typedef int nothing;\n")
    run([compiler, "-m32", "-std=gnu11", "-ffreestanding", "-fsyntax-only", "-Wall", "-Wextra",
         "-Werror", f"-I{ROOT / 'include'}", f"-I{ROOT / 'hypervisor'}", "h.c"], tmp_path)  # fmt: skip
