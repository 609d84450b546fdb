# SPDX-License-Identifier: GPL-2.0-only
"""Raw privileged instructions leave the same state under the monitor as in bare QEMU."""

import re
from functools import lru_cache

import pytest

from harness import BUILD, ROM
from harness.qemu import Qemu

KERNEL = BUILD / "tests" / "raw_instructions.elf"
CASE = re.compile(r"^case (.+?): (.*)$", re.MULTILINE)
CASES_AT_LEAST = 150


def run(paging, rom, protect=None):
    outcome = Qemu(kernel=KERNEL, append=f"paging={paging}", rom=rom, protect=protect).run()
    outcome.check_report()
    outcome.check_platform(vmi=rom is not None)
    return outcome, dict(CASE.findall(outcome.serial.replace("\r", "")))


@lru_cache(maxsize=None)
def native(paging):
    outcome, cases = run(paging, rom=None)
    outcome.check(len(cases) >= CASES_AT_LEAST, f"only {len(cases)} cases")
    return cases


@pytest.mark.parametrize("paging", ["32", "pae"])
@pytest.mark.parametrize("protect", ["segment", "paged"])
def test_state(protect, paging):
    want = native(paging)
    outcome, got = run(paging, ROM, protect)
    differing = [
        f"{name}:\n  native  {want.get(name)}\n  monitor {got.get(name)}"
        for name in dict.fromkeys([*want, *got])
        if want.get(name) != got.get(name)
    ]
    outcome.check(not differing, "\n".join(differing))
