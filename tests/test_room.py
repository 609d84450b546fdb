# SPDX-License-Identifier: GPL-2.0-only
"""The room that the ROM takes: a file of up to 96 KiB, of which SeaBIOS keeps what
stays after POST, and Bochs's BIOS all."""

import re
import subprocess
import time

import pytest
import synthetic_rom

from harness import BUILD, DEMO, ROM, ROM_PAGED, process
from harness import romedit as edit
from harness.bochs import Bochs
from harness.iso import iso_of
from harness.monitor import run
from harness.qemu import Qemu

MOST = 96 << 10
FAR = 120 << 10  # the packed monitor begins beyond 64 KiB
BOCHS_MOST = 80 << 10  # from behind the VGA BIOS up to E0000h
BOCHS_ADDRESS = 0xCC000
RESIDENT_MOST = 20 << 10
SCANNED, SCANNED_SIZE = 0xC0000, 0x20000  # where guests look for ROMs
STEP = 2048  # ROMs lie at multiples
ROOM_GUEST = BUILD / "tests" / "rom_room.elf"
ROOM_LINE = re.compile(r"^room: (\d+) bytes, (\d+) stay$", re.MULTILINE)
PAUSE_GUEST = BUILD / "tests" / "pause.elf"  # runs on long enough to be looked at
READY = "pause: ready"
ICOUNT = ["-icount", "shift=3"]  # as the guest wants it
NICS = ["e1000", "rtl8139", "virtio-net-pci", "ne2k_pci"]  # each brings a ROM
TOO_MUCH = 108 << 10  # beside theirs and the VGA BIOS
BIOS_RUNS = re.compile(r"^Running option rom at ([0-9a-f]{4}):0003$", re.MULTILINE)


def padded(rom, directory, size):
    """A built ROM of that size: the packed monitor ends it.

    Its name is like the built one's: SeaBIOS runs ROMs of fw_cfg in the order of theirs.
    """
    symbols = synthetic_rom.symbols(ROM)
    return edit.edited(rom, directory / f"vmi-{size}.rom", edit.padded(size, symbols))


@pytest.fixture(params=["built", "largest"])
def rom(request, tmp_path):
    return ROM if request.param == "built" else padded(ROM, tmp_path, MOST)


def output_of(*command):
    """What a stock tool prints; it may not complain."""
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "warning" not in done.stdout.lower(), done.stdout
    return done.stdout


def symbol_table(directory, rom):
    """The dynamic symbols of the ELF file in a ROM's bytes, as readelf shows them."""
    path = directory / "elf"
    path.write_bytes(rom[edit.ELF :])
    output_of("readelf", "-aW", path)
    output_of("objdump", "-x", "-d", path)
    assert "VMI_SetCR3" in output_of("gdb", "-nx", "-batch", "-ex", "info functions", path)
    return output_of("readelf", "-W", "--dyn-syms", path)


def check_left(directory, left, file):
    """What POST left of a ROM file is a good ROM of its own, and no more than has to stay."""
    size = edit.resident(file)
    assert len(left) == size < RESIDENT_MOST and size % edit.UNIT == 0
    assert sum(left) & 0xFF == 0
    path = directory / "left.rom"
    path.write_bytes(left)
    assert output_of(synthetic_rom.TOOLS / "vmi-info", "--quiet", path) == ""
    assert symbol_table(directory, left) == symbol_table(directory, file)


def shadow(monitor, directory):
    """The memory in which ROMs are, while the guest stands still."""
    path = directory / "shadow"
    monitor.command("stop")
    monitor.command(f'pmemsave {SCANNED:#x} {SCANNED_SIZE:#x} "{path}"')
    monitor.command("cont")
    return path.read_bytes()


def test_what_stays(tmp_path, rom):
    """Read from memory while a guest runs under the monitor."""
    dumps = []
    outcome = run(
        Qemu(kernel=PAUSE_GUEST, append="long", rom=rom, protect="paged", extra=ICOUNT),
        READY, lambda monitor: dumps.append(shadow(monitor, tmp_path)),
    )  # fmt: skip
    outcome.check_report()
    at = int(outcome.post_line()["rom"], 16) - SCANNED
    left = dumps[0][at : at + dumps[0][at + edit.LENGTH] * edit.UNIT]
    check_left(tmp_path, left, rom.read_bytes())


def test_far_monitor(tmp_path):
    """What POST reads with 32 bits; where there is no VGA BIOS even this fits."""
    rom = padded(ROM, tmp_path, FAR)
    outcome = Qemu(kernel=ROOM_GUEST, rom=rom, vga="none", protect="paged").run()
    outcome.check_report()
    outcome.check_platform(vmi=True)


def wait_for_count(path, text, count):
    """Until a log holds the text so often."""
    end = time.monotonic() + 30
    while process.text(path).count(text) < count and time.monotonic() < end:
        time.sleep(0.02)


def test_reset(tmp_path, rom):
    """The second boot's POST finds the whole ROM again, and leaves the same."""
    dumps = []

    def reset(monitor):
        dumps.append(shadow(monitor, tmp_path))
        monitor.command("system_reset")
        wait_for_count(monitor.directory / "serial", READY, 2)
        dumps.append(shadow(monitor, tmp_path))

    machine = Qemu(kernel=PAUSE_GUEST, append="long", rom=rom, protect="paged")
    machine.extra = [*ICOUNT, "-action", "reboot=reset"]
    outcome = run(machine, READY, reset)
    outcome.check_report()
    outcome.check(outcome.serial.count("platform: vmi") == 2, "not two boots with the monitor")
    assert dumps[0] == dumps[1]


def beside_network_roms(log):
    """Arguments for the network adapters, and for SeaBIOS's own log."""
    words = ["-chardev", f"file,id=bios,path={log}"]
    words += ["-device", "isa-debugcon,iobase=0x402,chardev=bios"]
    for nic in NICS:
        words += ["-device", nic]
    return words


def test_beside_network_roms(tmp_path, rom):
    """Theirs run before ours, and what comes after ours lies right behind what stays."""
    log = tmp_path / "seabios"
    outcome = Qemu(kernel=DEMO, rom=rom, extra=beside_network_roms(log)).run()
    outcome.check_vmi_demo()
    started = [int(segment, 16) << 4 for segment in BIOS_RUNS.findall(process.text(log))]
    at = int(outcome.post_line()["rom"], 16)
    outcome.check(started.index(at) == 1 + len(NICS), f"ROMs ran at {started}")
    resident = edit.resident(rom.read_bytes())
    assert started[started.index(at) + 1] == at + -(-resident // STEP) * STEP


def test_no_room(tmp_path):
    """SeaBIOS leaves out a ROM that it has no room for; the guest runs natively."""
    extra = beside_network_roms(tmp_path / "seabios")
    rom = padded(ROM, tmp_path, TOO_MUCH)
    Qemu(kernel=DEMO, rom=rom, extra=extra).run().check_fallback(r"no ROM")


@pytest.mark.parametrize("protect", ["segment", "paged"])
def test_guest_sees_what_stays(rom, protect):
    outcome = Qemu(kernel=ROOM_GUEST, rom=rom, protect=protect).run()
    outcome.check_report()
    resident = edit.resident(rom.read_bytes())
    outcome.check(ROOM_LINE.findall(outcome.serial) == [(f"{resident}",) * 2], f"want {resident}")


@pytest.mark.parametrize("built", [ROM, ROM_PAGED], ids=["segment", "paged"])
@pytest.mark.parametrize("size", [None, BOCHS_MOST], ids=["built", "largest"])
def test_bochs_keeps_it_whole(tmp_path, built, size):
    """Its shadow is read-only during POST, so nothing can be given back."""
    rom = padded(built, tmp_path, size) if size else built
    outcome = Bochs(iso=iso_of(ROOM_GUEST), rom=rom, rom_address=BOCHS_ADDRESS).run()
    outcome.check_report()
    file = rom.read_bytes()
    want = (str(len(file)), str(edit.resident(file)))
    outcome.check(ROOM_LINE.findall(outcome.serial) == [want], f"want {want}")
    protect = "segment" if built is ROM else "paged"
    outcome.check(outcome.post_line()["protect"] == protect, f"want protection {protect}")
