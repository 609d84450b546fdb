# SPDX-License-Identifier: GPL-2.0-only
"""A guest that halts leaves the host's processor alone, in the monitor too.

`make bench ONLY=idle` has the figures; on a busy host they vary, but a monitor
that polls takes a hundred times what a native guest does.
"""

import sys

import pytest

from harness import BUILD, ROM, ROOT

sys.path.insert(0, str(ROOT / "tools"))
# pylint: disable=wrong-import-position
from vmi_bench import idle, runs

POLLING = 20


@pytest.fixture(scope="module", name="shares")
def fixture_shares():
    return idle.measure(runs.Machine(BUILD, ROM), rounds=2, seconds=1)


@pytest.mark.xdist_group("idle")
@pytest.mark.parametrize("kind", idle.KINDS)
@pytest.mark.parametrize("guest", [guest for guest in idle.GUESTS if guest != "native"])
def test_halt_does_not_poll(kind, guest, shares):
    ours, native = shares[kind][guest], shares[kind]["native"]
    assert ours < POLLING * native, f"{ours:.2f} % of a processor, natively {native:.2f} %"
