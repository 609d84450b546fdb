# SPDX-License-Identifier: GPL-2.0-only
"""Raw privileged instructions leave the same state under the monitor as on the bare machine."""

import re
from functools import lru_cache

import pytest

from harness import BUILD, ROM, ROM_PAGED
from harness.bochs import Bochs
from harness.iso import iso_of
from harness.qemu import Qemu

KERNEL = BUILD / "tests" / "raw_instructions.elf"
CASE = re.compile(r"^case (.+?): (.*)$", re.MULTILINE)
CASES_AT_LEAST = 150


def qemu(paging, protect):
    rom = ROM if protect else None
    return Qemu(kernel=KERNEL, append=f"paging={paging}", rom=rom, protect=protect).run()


def bochs(paging, protect):
    rom = {None: None, "segment": ROM, "paged": ROM_PAGED}[protect]
    # `terse`: for the whole of a case that differs, run it without.
    return Bochs(iso=iso_of(KERNEL, f"paging={paging} terse"), rom=rom, timeout=180).run()


def run(machine, paging, protect):
    outcome = machine(paging, protect)
    outcome.check_report()
    outcome.check_platform(vmi=protect is not None)
    return outcome, dict(CASE.findall(outcome.serial.replace("\r", "")))


@lru_cache(maxsize=None)
def native(machine, paging):
    outcome, cases = run(machine, paging, None)
    outcome.check(len(cases) >= CASES_AT_LEAST, f"only {len(cases)} cases")
    return cases


RUNS = [(qemu, protect, paging) for protect in ("segment", "paged") for paging in ("32", "pae")]
RUNS += [(bochs, "segment", "32"), (bochs, "paged", "pae")]


@pytest.mark.parametrize("machine, protect, paging", RUNS)
def test_state(machine, protect, paging):
    want = native(machine, paging)
    outcome, got = run(machine, paging, protect)
    assert outcome.post_line()["protect"] == protect
    differing = [
        f"{name}:\n  native  {want.get(name)}\n  monitor {got.get(name)}"
        for name in dict.fromkeys([*want, *got])
        if want.get(name) != got.get(name)
    ]
    outcome.check(not differing, "\n".join(differing))
