# SPDX-License-Identifier: GPL-2.0-only
"""What would be a triple fault stops the guest: with a dump, and a reset."""

import re

import pytest

from harness import BUILD
from harness.bochs import Bochs
from harness.iso import iso_of
from harness.qemu import Qemu

KERNEL = BUILD / "tests" / "ends.elf"
SOURCE = BUILD.parent / "tests" / "guest" / "ends" / "ends.c"
ENDS = re.findall(r'^\t\{ "([a-z-]+)", end_', SOURCE.read_text(encoding="utf-8"), re.MULTILINE)


def check(outcome):
    outcome.check_platform(vmi=True)
    outcome.check(outcome.ended == "triple fault", f"the run ended in {outcome.ended}")
    outcome.check("vmi: guest stopped: triple fault" in outcome.debug, "the monitor says why")
    outcome.check(re.search(r"^  cs:eip [0-9a-f]{4}:", outcome.debug, re.MULTILINE), "and dumps")
    outcome.check("monitor bug" not in outcome.debug, "it is no bug of the monitor's")


@pytest.mark.parametrize("protect", ["segment", "paged"])
@pytest.mark.parametrize("end", ENDS)
def test_end(end, protect):
    check(Qemu(kernel=KERNEL, append=f"end={end}", protect=protect).run())


@pytest.mark.parametrize("end", ENDS)
def test_end_bochs(end):
    check(Bochs(iso=iso_of(KERNEL, f"end={end}")).run())
