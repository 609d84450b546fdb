# SPDX-License-Identifier: GPL-2.0-only
"""Power-off and the kinds of reset."""

import pytest

from harness import BUILD
from harness.bochs import Bochs
from harness.iso import iso_of
from harness.qemu import Qemu

KERNEL = BUILD / "tests" / "power.elf"


ODD = range(4)  # values of power.c that mean nothing, in every register


def check_reset(protect, words):
    machine = Qemu(kernel=KERNEL, append=words, extra=["-action", "reboot=reset"])
    if protect == "native":
        machine.rom = None
    else:
        machine.protect = protect
    outcome = machine.run()
    # How it ended does not count: SeaBIOS may use a triple fault on its way.
    platform = "platform: native" if protect == "native" else "platform: vmi, cpl 1"
    starts = outcome.serial.count(platform)
    outcome.check(starts == 2, f"{starts} starts, want 2")
    outcome.check(outcome.serial.count("first start") == 1, "want one first start")
    outcome.check("RESULT: 1 passed, 0 failed" in outcome.serial, "no second start")


@pytest.mark.parametrize("how", ["hard", "soft", "port", "keyboard"])
@pytest.mark.parametrize("protect", ["native", "segment", "paged"])
def test_reset(protect, how):
    check_reset(protect, f"how={how}")


@pytest.mark.parametrize("odd", ODD)
def test_odd_reboot(odd):
    """Whatever is not 0 is a hard reset."""
    check_reset("segment", f"how=odd odd={odd}")


def check_off(words, machine):
    extra = ["-action", "reboot=reset"]
    outcome = Qemu(kernel=KERNEL, append=words, machine=machine, extra=extra).run()
    outcome.check_platform(vmi=True)
    outcome.check(outcome.ended == "reset or power-off", "the machine is still on")
    outcome.check("vmi: guest shut down" in outcome.debug, "the log does not tell")
    outcome.check("no power-off" not in outcome.debug, "the log says it failed")


@pytest.mark.parametrize("machine", ["pc", "q35"])
def test_off(machine):
    check_off("how=off", machine)


@pytest.mark.parametrize("odd", ODD)
def test_odd_off(odd):
    check_off(f"how=odd-off odd={odd}", "pc")


def test_no_off():
    """A machine that cannot be powered off: the log says so, and the CPU halts."""
    outcome = Qemu(kernel=KERNEL, append="how=off", machine="pc,acpi=off", timeout=5).run()
    outcome.check(outcome.ended == "timeout", "the machine went off")
    outcome.check("vmi: no power-off: no ACPI tables" in outcome.debug, "the log does not tell")


def test_bochs():
    outcome = Bochs(iso=iso_of(KERNEL, "how=off")).run()
    outcome.check_platform(vmi=True)
    outcome.check("soft power off" in outcome.logs["bochs"], "the machine is still on")
