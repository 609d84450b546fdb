# SPDX-License-Identifier: GPL-2.0-only
"""Every way in which virtualisation can fail ends in a correct native run, and
the guest says why."""

import pytest

from harness import DEMO, ROM
from harness import romedit as edit
from harness.qemu import Qemu

# What is done to the ROM, and what the guest then says.  SeaBIOS leaves a ROM
# that it refuses where it was.
BAD_ROMS = {
    "wrong-checksum": ([edit.wrong_checksum], r"checksum|no ROM"),
    "wrong-signature": ([edit.wrong_signature, edit.refit], r"signature|no ROM"),
    "wrong-major": ([edit.wrong_major, edit.refit], r"interface version"),
    "cut-file": ([edit.cut_file], r"checksum|truncated|no ROM"),
    "cut-resident": ([edit.cut_resident, edit.refit], r"symbol tables"),
    "no-elf-table": ([edit.without_elf, edit.refit], r"no ELF header"),
    "call-missing": (
        [edit.without_call("SetCR3"), edit.refit],
        r"lacks VMI_SetCR3",
    ),
}

# Machines on which VMI_Init returns -1, and what POST says of them.
UNFIT = {
    "no-pae": ({"cpu": "486"}, "the CPU has no PAE"),
    "no-apic": ({"cpu": "qemu32,-apic"}, "the CPU has no local APIC"),
    "little-memory": ({"mem": 8}, "less than 12 MiB of RAM"),
}


def test_no_rom():
    Qemu(kernel=DEMO, rom=None).run().check_fallback(r"no ROM")


@pytest.mark.parametrize(("edits", "reason"), BAD_ROMS.values(), ids=BAD_ROMS.keys())
def test_bad_rom(tmp_path, edits, reason):
    rom = edit.edited(ROM, tmp_path / "bad.rom", *edits)
    Qemu(kernel=DEMO, rom=rom).run().check_fallback(reason)


def test_cut_rom(tmp_path):
    """All that guests look at is there, but POST misses the monitor."""
    rom = edit.edited(ROM, tmp_path / "cut.rom", edit.cut_image, edit.refit)
    outcome = Qemu(kernel=DEMO, rom=rom).run()
    outcome.check_fallback(r"VMI_Init answered")
    outcome.check("VMI_Init will fail: the ROM is cut short\n" in outcome.debug, "no reason")


@pytest.mark.parametrize(("machine", "unfit"), UNFIT.values(), ids=UNFIT.keys())
def test_init_refuses(machine, unfit):
    outcome = Qemu(kernel=DEMO, **machine).run()
    outcome.check_fallback(r"VMI_Init answered")
    outcome.check(f"unfit, VMI_Init will fail: {unfit}\n" in outcome.debug, "POST gave no reason")


def test_wrong_site(tmp_path):
    """A site whose bytes are not what its record says."""
    guest = edit.edited(DEMO, tmp_path / "demo.elf", edit.wrong_site)
    Qemu(kernel=guest).run().check_fallback(r"site \w+ \(\w+\): byte")


# The BIOS runs ROMs in reverse order of their names, and places them upward.
@pytest.mark.parametrize("name", ["a.rom", "z.rom"])
@pytest.mark.parametrize(
    "edits",
    [[edit.empty_rom, edit.refit], [edit.empty_rom, edit.wrong_major, edit.refit]],
    ids=["empty", "wrong-major"],
)
def test_second_rom(tmp_path, name, edits):
    """A bad ROM before or behind the good one keeps nobody from the good one."""
    bad = edit.edited(ROM, tmp_path / name, *edits)
    good = edit.edited(ROM, tmp_path / "m.rom")
    Qemu(kernel=DEMO, rom=[bad, good]).run().check_vmi_demo()
