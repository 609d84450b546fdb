# SPDX-License-Identifier: GPL-2.0-only
"""The ways out of ring 1 on machines that the in-guest tests' own do not have."""

import pytest

from harness import BUILD
from harness.qemu import Qemu

# Q35's bridge has other registers, and a window on them in memory.  Without a
# VGA ROM, and run after QEMU's kvmvapic.bin, ours lies in the block that this one
# has the BIOS leave writable.
MACHINES = {
    "q35": {"machine": "q35"},
    "q35-more": {"machine": "q35", "mem": 3072},
    "no-vga": {"vga": "none"},
}


@pytest.mark.parametrize("protect", ["segment", "paged"])
@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES.keys())
def test_shield(machine, protect):
    outcome = Qemu(kernel=BUILD / "tests" / "shield.elf", protect=protect, **machine).run()
    outcome.check_report()
    outcome.check_platform(vmi=True)
