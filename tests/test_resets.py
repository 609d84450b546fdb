# SPDX-License-Identifier: GPL-2.0-only
"""No reset that a guest can cause leads back into its own code, at CPL 0.

The kernel plants code where a BIOS looks after a reset, as the shutdown byte in
CMOS says.  SeaBIOS looks there after an INIT (`soft`), Bochs's BIOS after any reset.
"""

import pytest

from harness import BUILD
from harness.bochs import Bochs
from harness.iso import iso_of
from harness.qemu import Qemu

KERNEL = BUILD / "tests" / "resets.elf"
CAUSES = ["keyboard", "output", "port92", "cf9", "triple", "soft", "hard", "watchdog"]
CODES = ["5", "9", "a"]
PLANTED = "PLANTED"


def boot(how, code, machine="pc", **more):
    extra = ["-action", "reboot=reset"]
    if how == "watchdog":
        extra += ["-device", "i6300esb"]
    if how == "tco":
        extra += ["-global", "ICH9-LPC.noreboot=off"]
    words = f"how={how} code={code}"
    return Qemu(
        kernel=KERNEL, append=words, machine=machine, extra=extra, timeout=60, **more
    ).run()


def check_second_start(outcome):
    outcome.check(PLANTED not in outcome.debug, "planted code ran")
    outcome.check(outcome.serial.count("first start") == 1, "want one first start")
    outcome.check("the machine started again" in outcome.serial, "no second start")


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("how", CAUSES)
@pytest.mark.parametrize("protect", ["segment", "paged"])
def test_reset(protect, how, code):
    check_second_start(boot(how, code, protect=protect))


@pytest.mark.parametrize("how", ["keyboard", "cf9", "watchdog"])
def test_q35(how):
    check_second_start(boot(how, "5", machine="q35", protect="paged"))


@pytest.mark.parametrize("how, machine", [("s3", "pc"), ("s3", "q35"), ("tco", "q35")])
def test_refused(how, machine):
    """What a guest is not to have at all: it goes on as if nothing had been asked."""
    outcome = boot(how, "5", machine=machine, protect="paged")
    outcome.check_report()
    outcome.check(outcome.serial.count("first start") == 1, "want one start")


@pytest.mark.parametrize("code", CODES)
def test_bochs(code):
    outcome = Bochs(iso=iso_of(KERNEL, f"how=keyboard code={code}"), timeout=100).run()
    check_second_start(outcome)


@pytest.mark.parametrize("code", ["5", "a"])
def test_natively_the_code_runs(code):
    """On bare hardware it does, or these tests would prove nothing."""
    outcome = Bochs(iso=iso_of(KERNEL, f"how=keyboard code={code}"), rom=None, timeout=100).run()
    outcome.check(PLANTED in outcome.debug, "planted code did not run")
