# SPDX-License-Identifier: GPL-2.0-only
"""tools/gen-calls and tools/gen-offsets: what NASM is told is what C knows."""

import re
import subprocess

import pytest
from synthetic_rom import CALLS, tool

OFFSETS = r"""
struct pair { char first[3]; int second; };
#define OFFSET(name, value) \
	asm volatile("\n.ascii \"->" #name " %c0\"" :: "i" (value))
void offsets(void);
void offsets(void)
{
	OFFSET(PAIR_SECOND, __builtin_offsetof(struct pair, second));
	OFFSET(PAIR_SIZE, sizeof(struct pair));
	OFFSET(BELOW, -5);
	OFFSET(HOLE, 0xfc000000u);
}
"""


def assemble(directory, text):
    """The bytes that NASM makes of the text."""
    (directory / "t.asm").write_text(text)
    command = ["nasm", "-Wall", "-Werror", "-f", "bin", "-o", "t.bin", "t.asm"]
    subprocess.run(command, cwd=directory, check=True)
    return (directory / "t.bin").read_bytes()


def c_calls():
    """(name, number or None, site) of each call, as the C preprocessor sees them."""
    text = '#define VMI_CALL(a, b, c, d, e) a b d\n#include "%s"\n' % CALLS
    done = subprocess.run(
        ["gcc", "-E", "-P", "-"], input=text, capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in done.stdout.splitlines() if line]
    return [(a, None if b == "VMI_NO_NUMBER" else int(b), int(d)) for a, b, d in rows]


def test_calls(tmp_path):
    include, reloc = tmp_path / "calls.inc", tmp_path / "reloc.inc"
    done = tool("gen-calls", "--nasm", include, "--reloc", reloc, CALLS)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    calls = c_calls()
    names = "".join(
        f"db CALL_{name}, SITE_{name}, {'0FFh' if number is None else 'CALL_NUMBER_' + name}\n"
        for name, number, _ in calls
    )
    wanted = [
        byte
        for index, (_, number, site) in enumerate(calls)
        for byte in (index, site, 0xFF if number is None else number)
    ]
    text = f'%include "{include}"\n%include "{include}"\n{names}db NR_CALLS, NR_CALL_NUMBERS\n'
    assert list(assemble(tmp_path, text)) == [*wanted, len(calls), 74]


def test_relocations_are_sorted_by_number(tmp_path):
    reloc = tmp_path / "reloc.inc"
    assert tool("gen-calls", "--reloc", reloc, CALLS).returncode == 0
    rows = re.findall(r"^RELOC (\d+), (\w+)$", reloc.read_text(), re.MULTILINE)
    wanted = sorted((number, name) for name, number, _ in c_calls() if number is not None)
    assert [(int(number), name) for number, name in rows] == wanted


@pytest.mark.parametrize(
    "line, fault",
    [
        ("VMI_CALL(A, 1, NONE)", "want VMI_CALL"),
        ("VMI_CALL(A, 99, NONE, 5, LAYER)", "99, want a number from 0 to 73"),
        ("VMI_CALL(A, x, NONE, 5, LAYER)", "x, want a number"),
        ("VMI_CALL(A, 1, SOON, 5, LAYER)", "queue SOON"),
        ("VMI_CALL(A, 1, NONE, 4, LAYER)", "4, want a number from 5 to 255"),
        ("VMI_CALL(A, 1, NONE, 5, HERE)", "place HERE"),
        ("VMI_CALL(Init, VMI_NO_NUMBER, NONE, 5, LAYER)", "name Init stands twice"),
        ("VMI_CALL(A, 30, NONE, 5, LAYER)", "number 30 stands twice"),
    ],
)
def test_bad_call_list(tmp_path, line, fault):
    calls, include = tmp_path / "calls.def", tmp_path / "calls.inc"
    calls.write_text(CALLS.read_text() + line + "\n")
    done = tool("gen-calls", "--nasm", include, calls)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and not include.exists()
    assert fault in done.stderr


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_offsets(tmp_path, compiler):
    (tmp_path / "o.c").write_text(OFFSETS)
    command = [compiler, "-m32", "-O2", "-S", "-o", "o.s", "o.c"]
    subprocess.run(command, cwd=tmp_path, check=True)
    done = tool("gen-offsets", tmp_path / "o.s", tmp_path / "o.inc")
    assert (done.returncode, done.stderr) == (0, "")
    text = f'%include "{tmp_path}/o.inc"\ndb PAIR_SECOND, PAIR_SIZE, 10-BELOW\ndd HOLE\n'
    assert assemble(tmp_path, text) == bytes((4, 8, 15, 0, 0, 0, 0xFC))


@pytest.mark.parametrize(
    "text, fault",
    [
        ("nop\n", "no .ascii"),
        ('\t.ascii "->A b+4"\n', "`A b+4`, want NAME and a constant"),
        ('\t.ascii "->A 1"\n\t.ascii "->A 2"\n', "A: 2, and 1 before"),
    ],
)
def test_bad_offsets(tmp_path, text, fault):
    (tmp_path / "o.s").write_text(text)
    done = tool("gen-offsets", tmp_path / "o.s", tmp_path / "o.inc")
    assert done.returncode == 1 and fault in done.stderr and not (tmp_path / "o.inc").exists()
