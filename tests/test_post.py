# SPDX-License-Identifier: GPL-2.0-only
"""POST under SeaBIOS: one line on the debug console, memory reserved, and a
guest that activates, whatever the machine looks like."""

import pytest

from harness import DEMO
from harness.qemu import Qemu

MIB = 1 << 20
MONITOR_MOST = 12 * MIB

MACHINES = {
    "default": {},
    "no-vga": {"vga": "none"},
    "q35": {"machine": "q35"},
    "q35-no-vga": {"machine": "q35", "vga": "none"},
    # without QEMU's own ROM for the APIC, ours starts elsewhere
    "no-vapic": {"extra": ["-global", "apic-common.vapic=off"]},
    "no-vga-no-vapic": {"vga": "none", "extra": ["-global", "apic-common.vapic=off"]},
    "16M": {"mem": 16},
    "32M": {"mem": 32},
    "128M": {"mem": 128},
    "512M": {"mem": 512},
    "3584M": {"mem": 3584},
    "q35-3584M": {"machine": "q35", "mem": 3584},
}


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES.keys())
def test_post(machine):
    qemu = Qemu(kernel=DEMO, **machine)
    outcome = qemu.run()
    line = outcome.post_line()
    first, last = int(line["first"], 16), int(line["last"], 16)
    outcome.check(MIB <= first < last < qemu.mem * MIB, "the monitor is not in RAM")
    outcome.check(last + 1 - first <= MONITOR_MOST, "the monitor takes more than 12 MiB")
    outcome.check(0xC0000 <= int(line["rom"], 16) < 0xE0000, "the ROM is where no guest looks")
    outcome.check_vmi_demo()
