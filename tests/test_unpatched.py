# SPDX-License-Identifier: GPL-2.0-only
"""The demonstration without a single patch: it only takes longer."""

import pytest

from harness import DEMO
from harness.bochs import Bochs
from harness.iso import iso_of
from harness.qemu import Qemu

WORD = "unpatched=careful"
LAST_LINE = "demo: ok (vmi, cpl 1, 0 sites patched)"


def check(outcome):
    outcome.check_platform(vmi=True)
    outcome.check(outcome.last_line() == LAST_LINE, f"want as last line: {LAST_LINE}")
    outcome.check_success()


@pytest.mark.parametrize("paging", ["32", "pae"])
@pytest.mark.parametrize("protect", ["segment", "paged"])
def test_qemu(protect, paging):
    check(Qemu(kernel=DEMO, append=f"{WORD} paging={paging}", protect=protect).run())


def test_bochs():
    check(Bochs(iso=iso_of(DEMO, WORD)).run())
