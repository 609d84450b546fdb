# SPDX-License-Identifier: GPL-2.0-only
"""The platform attacked: what the monitor's memory is like afterwards.

The kernel goes through all ports, memory and PCI registers (tests/guest/platform) and
waits.  What of the monitor never changes after POST, its code and constants, is then
compared with the file that it was made from.
"""

import re

import pytest

from harness import BUILD, DEMO
from harness.bochs import Bochs
from harness.iso import iso_of
from harness.monitor import run
from harness.qemu import Qemu

KERNEL = BUILD / "tests" / "platform.elf"
IMAGE = BUILD / "monitor.bin"
IMAGE_PLACE = 0x6000  # BLOCK_IMAGE of hypervisor/base/hole.h
MACHINES = ["pc", "q35"]
CONTAINED_ROM = BUILD / "vmi-contained.rom"


@pytest.mark.parametrize("devices", ["open", "contained"])
@pytest.mark.parametrize("machine", MACHINES)
def test_memory_is_untouched(machine, devices, tmp_path):
    dump = tmp_path / "dump"
    guest = Qemu(
        kernel=KERNEL, append=f"wait {devices}", machine=machine, protect="paged", devices=devices
    )

    def act(monitor):
        debug = (monitor.directory / "debug").read_text(errors="replace")
        block = int(re.search(r"monitor ([0-9a-f]{8})-", debug).group(1), 16)
        size = IMAGE.stat().st_size
        monitor.command(f"pmemsave {block + IMAGE_PLACE:#x} {size:#x} \"{dump}\"")
        monitor.command("quit")

    outcome = run(guest, "attacked", act)
    outcome.check("FAIL" not in outcome.serial, "a check of the guest failed")
    outcome.check("attacked" in outcome.serial, "the guest did not come through")
    outcome.check("monitor bug" not in outcome.debug, "the monitor found a bug")
    outcome.check(dump.exists() and dump.read_bytes() == IMAGE.read_bytes(), "memory differs")


@pytest.mark.parametrize("machine", MACHINES)
def test_contained_demonstration(machine):
    outcome = Qemu(kernel=DEMO, machine=machine, devices="contained").run()
    outcome.check_vmi_demo()
    outcome.check("vmi: devices contained" in outcome.debug, "POST does not say so")


def test_open_is_the_default():
    outcome = Qemu(kernel=DEMO).run()
    outcome.check_vmi_demo()
    outcome.check("vmi: devices open: DMA is not policed" in outcome.debug, "POST does not say so")


def test_unknown_policy():
    outcome = Qemu(kernel=DEMO, devices="shut").run()
    outcome.check("opt/vmi/devices is 'shut'" in outcome.debug, "the log does not tell")
    outcome.check("vmi: devices contained" in outcome.debug, "not the stricter one")


def test_contained_by_the_rom():
    outcome = Bochs(iso=iso_of(KERNEL, "contained"), rom=CONTAINED_ROM, timeout=200).run()
    outcome.check_report()
    outcome.check("vmi: devices contained" in outcome.debug, "POST does not say so")
