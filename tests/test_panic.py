# SPDX-License-Identifier: GPL-2.0-only
"""A bug of the monitor's own stops the machine, and says where."""

import re
import subprocess

from harness import BUILD, DEMO, ROM, romedit
from harness.qemu import Qemu

UD2 = b"\x0f\x0b"


def symbol(elf, name):
    """Address of a symbol of build/<elf>."""
    lines = subprocess.run(["nm", BUILD / elf], capture_output=True, text=True, check=True).stdout
    return int(re.search(rf"^([0-9a-f]+) \w {name}$", lines, re.MULTILINE).group(1), 16)


def broken_at(name):
    """An edit that puts UD2 where the monitor's function begins."""

    def edit(image):
        offset = symbol("rom.elf", "monitor_image")
        offset += symbol("monitor.elf", name) - symbol("monitor.elf", "monitor_start")
        image[offset : offset + len(UD2)] = UD2

    return edit


def test_panic(tmp_path):
    rom = romedit.edited(ROM, tmp_path / "bad.rom", broken_at("call_dispatch"), romedit.refit)
    outcome = Qemu(kernel=DEMO, rom=rom, timeout=4).run()
    where = symbol("monitor.elf", "call_dispatch")
    outcome.check(
        re.search(r"^vmi: monitor bug: exception in the monitor$", outcome.debug, re.MULTILINE),
        "the monitor says that it is a bug",
    )
    outcome.check(f"cs:eip e000:{where:08x}" in outcome.debug, f"and that it is at {where:x}")
    outcome.check("vector 6 " in outcome.debug, "and what happened")
    outcome.check(outcome.ended == "timeout", "and the machine stops")
