# SPDX-License-Identifier: GPL-2.0-only
"""A PCI function that is plugged in while the guest runs: its messages stay hidden."""

import pytest

from harness import BUILD
from harness.monitor import run
from harness.qemu import Qemu


@pytest.mark.parametrize("protect", ["native", "segment", "paged"])
def test_plug(protect):
    machine = Qemu(kernel=BUILD / "tests" / "msi_plug.elf")
    if protect == "native":
        machine.rom = None
    else:
        machine.protect = protect
    run(machine, "plug: ready", lambda m: m.command("device_add edu")).check_report()
