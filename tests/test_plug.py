# SPDX-License-Identifier: GPL-2.0-only
"""PCI functions without messages: one that is plugged in while the guest runs, and all of
those in a contained machine."""

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


@pytest.mark.parametrize("protect", ["segment", "paged"])
def test_contained(protect):
    extra = ["-fw_cfg", "name=opt/vmi/devices,string=contained"] + ["-device", "virtio-rng-pci"] * 2
    kernel = BUILD / "tests" / "msi_hidden.elf"
    machine = Qemu(kernel=kernel, append="contained", protect=protect, extra=extra)
    machine.run().check_report()
