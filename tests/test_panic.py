# SPDX-License-Identifier: GPL-2.0-only
"""A bug of the monitor's own stops the machine, and says where: an exception, an
invariant that does not hold; and what is constant after the start cannot be written."""

import re
import subprocess

from harness import BUILD, DEMO, process
from harness.qemu import Qemu

LIMIT = 6  # seconds: a machine that has stopped does not end by itself
CHECK = BUILD / "check"
# Stops when the monitor is entered by a call for the first time: it is mapped then.
SCRIPT = """
set confirm off
add-symbol-file {monitor}
target remote | exec timeout {limit} {qemu}
hbreak call_dispatch
continue
delete
{commands}
"""


def symbols_of(build):
    """{name: address} of the monitor of a build."""
    lines = subprocess.run(
        ["nm", build / "monitor.elf"], capture_output=True, text=True, check=True
    ).stdout
    return {name: int(at, 16) for at, name in re.findall(r"^(\w+) \w (\w+)$", lines, re.MULTILINE)}


def run_gdb(tmp_path, build, commands):
    """(debug console, gdb's output, status, seconds) of the demonstration, stopped in the monitor."""
    machine = Qemu(kernel=DEMO, rom=build / "vmi.rom", extra=["-S", "-gdb", "stdio"])
    script = tmp_path / "script"
    script.write_text(SCRIPT.format(
        monitor=build / "monitor.elf", qemu=" ".join(machine.command(tmp_path)), limit=LIMIT,
        commands=commands))
    status, seconds = process.run(
        ["gdb", "-q", "-nx", "-batch", "-x", script], LIMIT + 20, tmp_path / "gdb")
    return process.text(tmp_path / "debug"), process.text(tmp_path / "gdb"), status, seconds


def test_exception(tmp_path):
    """UD2 where a function begins."""
    said, log, status, seconds = run_gdb(
        tmp_path, BUILD, "set *(unsigned short *) call_dispatch = 0x0b0f\ncontinue")
    assert re.search(r"^vmi: monitor bug: exception in the monitor$", said, re.MULTILINE), said + log
    assert f"cs:eip e000:{symbols_of(BUILD)['call_dispatch']:08x}" in said, said + log
    assert "vector 6 " in said, said + log
    assert status is not None and seconds >= LIMIT, f"it ended by itself, {status}"


def test_invariant(tmp_path):
    """A free page of the shadow pool that is said to be in use."""
    said, log, _, _ = run_gdb(
        tmp_path, CHECK, "set mmu.shadows[mmu.free_first].kind = 1\ncontinue")
    assert re.search(r"^vmi: monitor bug: not ", said, re.MULTILINE), said + log


def test_what_is_constant_is_read_only(tmp_path):
    """By the page tables that the monitor runs on."""
    _, log, _, _ = run_gdb(tmp_path, BUILD, "monitor info mem\nkill")
    regions = [
        (int(first, 16), int(end, 16), rights)
        for first, end, rights in re.findall(r"^(\w{16})-(\w{16}) \w{16} (\S{3})", log, re.MULTILINE)
    ]

    def rights_at(address):
        return [rights for first, end, rights in regions if first <= address < end]

    symbols = symbols_of(BUILD)
    assert symbols["const_start"] <= symbols["boot"] < symbols["const_end"]
    assert rights_at(symbols["boot"]) == ["-r-"], log
    assert rights_at(symbols["const_end"]) == ["-rw"], log
