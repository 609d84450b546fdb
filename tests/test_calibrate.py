# SPDX-License-Identifier: GPL-2.0-only
"""The frequency that POST measures is right, however the host treats the emulator."""

import re
import signal
import subprocess
import time

from harness import DEMO, process
from harness.qemu import Qemu

TSC_KHZ = re.compile(r"tsc (\d+) khz")
TOLERANCE = 0.01  # the host is busy; docs/time.md has the figure for a quiet one
STOP, RUN = 0.09, 0.006  # seconds: over a round of the PIT, and a fraction of one
DISTURBANCES = 25


def measured(debug):
    return int(TSC_KHZ.search(debug).group(1))


def run_disturbed(directory):
    """The debug console of a run that stood still for longer than it ran."""
    child = subprocess.Popen(Qemu(kernel=DEMO).command(directory))
    for _ in range(DISTURBANCES):
        child.send_signal(signal.SIGSTOP)
        time.sleep(STOP)
        child.send_signal(signal.SIGCONT)
        time.sleep(RUN)
    child.wait(60)
    return process.text(directory / "debug")


def test_frequency(tmp_path):
    quiet = measured(Qemu(kernel=DEMO).run().debug)
    disturbed = measured(run_disturbed(tmp_path))
    assert abs(disturbed - quiet) < quiet * TOLERANCE, f"{disturbed}, {quiet} when quiet"
