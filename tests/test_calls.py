# SPDX-License-Identifier: GPL-2.0-only
"""The test of all calls notices one that is gone."""

from harness import BUILD, ROM
from harness import romedit as edit
from harness.qemu import Qemu


def test_call_missing(tmp_path):
    rom = edit.edited(ROM, tmp_path / "bad.rom", edit.without_call("SetLDT"), edit.refit)
    outcome = Qemu(kernel=BUILD / "tests" / "call_registers.elf", rom=rom).run()
    outcome.check_platform(vmi=True)
    outcome.check("FAIL: SetLDT is in the ROM" in outcome.serial, "nobody missed VMI_SetLDT")
