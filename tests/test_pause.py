# SPDX-License-Identifier: GPL-2.0-only
"""A machine that is stopped, or restored, while alarms are armed: no tick is lost,
none comes in a burst, and the wall clock tells its jump once."""

import re
import time

import pytest

from harness import BUILD
from harness.monitor import run
from harness.qemu import Qemu

AWAY = 2.5  # seconds, more than the wall clock takes for an unsteady clock


def stop(monitor):
    monitor.command("stop")
    time.sleep(AWAY)
    monitor.command("cont")


def restore(monitor):
    assert "rror" not in monitor.command("savevm one")
    time.sleep(AWAY)
    assert "rror" not in monitor.command("loadvm one")


def stop_shortly(monitor):
    for _ in range(8):
        monitor.command("stop")
        time.sleep(0.03)
        monitor.command("cont")


def pause(protect, words, act):
    machine = Qemu(
        kernel=BUILD / "tests" / "pause.elf",
        append=words,
        protect=protect,
        extra=["-icount", "shift=3"],
    )
    outcome = run(machine, "pause: ready", act)
    outcome.check_report()
    return outcome


@pytest.mark.parametrize("protect", ["segment", "paged"])
@pytest.mark.parametrize("act", [stop_shortly, restore])
def test_busy(protect, act):
    pause(protect, "long", act)


@pytest.mark.parametrize("act", [stop, restore])
def test_idle(act):
    outcome = pause("paged", "long idle", act)
    found = re.findall(r"^pause: wall time jumped (\d+) times", outcome.serial, re.MULTILINE)
    outcome.check(found == ["1"], f"jumps: {found}, want 1")
