# SPDX-License-Identifier: GPL-2.0-only
"""The demonstration kernel boots every way there is, with the ROM and without."""

import os
import re
import subprocess

import pytest

from harness import BUILD, DEMO, ROM, ROOT
from harness.bochs import Bochs
from harness.iso import iso_of
from harness.outcome import DEMO_NATIVE, DEMO_VMI
from harness.qemu import Qemu

TICKS = re.compile(r"^demo: (\d+) ticks at (\d+) Hz$", re.MULTILINE)
MOST_SECONDS = 10


def check_demo(outcome, rom):
    if rom:
        outcome.check_vmi_demo()
    else:
        outcome.check_native_demo()


@pytest.mark.parametrize("rom", [ROM, None], ids=["vmi", "native"])
def test_qemu_kernel(rom):
    check_demo(Qemu(kernel=DEMO, rom=rom).run(), rom)


@pytest.mark.parametrize("rom", [ROM, None], ids=["vmi", "native"])
def test_time(rom):
    """In the guest's time, counted in instructions: the host's says nothing."""
    outcome = Qemu(kernel=DEMO, rom=rom, icount=True).run()
    check_demo(outcome, rom)
    ticks, hertz = map(int, TICKS.search(outcome.serial).groups())
    outcome.check(0 < ticks < MOST_SECONDS * hertz, f"{ticks} ticks")


@pytest.mark.parametrize("rom", [ROM, None], ids=["vmi", "native"])
def test_qemu_grub(rom):
    check_demo(Qemu(iso=BUILD / "demo.iso", rom=rom).run(), rom)


@pytest.mark.parametrize("rom", [ROM, None], ids=["vmi", "native"])
def test_bochs(rom):
    check_demo(Bochs(iso=iso_of(DEMO), rom=rom).run(), rom)


@pytest.mark.parametrize("rom", [ROM, None], ids=["vmi", "native"])
def test_minimal(rom):
    outcome = Qemu(kernel=BUILD / "minimal.elf", rom=rom).run()
    want = "minimal: ok (vmi, cpl 1)" if rom else "minimal: ok (native, cpl 0)"
    outcome.check(outcome.last_line() == want, f"want as last line: {want}")
    outcome.check_success()


def test_bochs_post():
    """Bochs's BIOS has no PMM, and enforces limits: `auto` means segment mode."""
    assert Bochs(iso=iso_of(DEMO)).run().post_line()["protect"] == "segment"


@pytest.mark.parametrize("protect", ["segment", "paged", "auto"])
def test_protection(protect):
    """TCG enforces no limits, so `auto` takes paged mode there."""
    outcome = Qemu(kernel=DEMO, protect=protect).run()
    outcome.check_vmi_demo()
    want = "paged" if protect == "auto" else protect
    outcome.check(outcome.post_line()["protect"] == want, f"want protection {want}")


def make_run(*variables):
    """`make run` as a user types it: (exit status, lines of its output)."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        ["make", "-s", "run", *variables],
        cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, timeout=60, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    )
    return done.returncode, done.stdout.splitlines()


@pytest.mark.xdist_group("make")  # all of them write build/run.log
class TestMakeRun:
    """What README promises of `make run`."""

    def test_vmi(self):
        status, lines = make_run()
        assert status == 0, lines
        assert any(DEMO_VMI.match(line) for line in lines), lines
        assert any(line.startswith("[log] vmi: ") for line in lines), lines

    def test_native(self):
        status, lines = make_run("ROM=")
        assert status == 0, lines
        assert DEMO_NATIVE in lines

    def test_failure(self):
        """A guest that does not report success is a failure of `make run`."""
        status, lines = make_run("ROM=", f"GUEST={ROOT / 'LICENSE'}")
        assert status != 0, lines


@pytest.mark.parametrize("rom", [ROM, None], ids=["vmi", "native"])
def test_tickless(rom):
    """Without a periodic tick; natively there are no alarms to sleep on."""
    outcome = Qemu(kernel=DEMO, rom=rom, append="tickless").run()
    check_demo(outcome, rom)
    alarms = re.findall(r"^demo: tickless: ([1-9]\d*) alarms$", outcome.serial, re.MULTILINE)
    outcome.check(len(alarms) == (1 if rom else 0), f"alarms: {alarms}")
