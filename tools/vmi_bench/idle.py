# SPDX-License-Identifier: GPL-2.0-only
"""What an idle guest costs the host (tests/bench/idle.c).

Processor time of all of QEMU's threads, as the kernel's scheduler has it
(proc(5), /proc/pid/schedstat: nanoseconds).  All guests idle at the same time,
so that whatever else goes on meets all of them.
"""

import contextlib
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from .runs import COLUMNS, TIMEOUT, BenchError, read

KINDS = ("tick", "timer", "second")
GUESTS = ("native", "segment", "paged")
READY = "bench: idle"
SETTLE = 1.0  # seconds, until the emulator has translated the loop
ROUNDS = 5
ROUND = 2.0  # seconds


class Idler:
    """One guest that does nothing, until leaving the context."""

    def __init__(self, machine, guest, kind):
        self.directory = tempfile.TemporaryDirectory(prefix="vmi-bench-")
        protect, _ = COLUMNS[guest]
        words = f"idle={kind}"
        command = machine.command(self.directory.name, protect, words, False, 64, "bench.elf")
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.kill()
        self.process.wait()
        self.directory.cleanup()

    def wait(self):
        end = time.monotonic() + TIMEOUT
        while READY not in read(self.directory.name, "serial"):
            if time.monotonic() > end or self.process.poll() is not None:
                raise BenchError(f"{' '.join(self.process.args)}: it never got idle")
            time.sleep(0.05)

    def nanoseconds(self):
        """Of processor time so far, all threads."""
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(thread.read_text(encoding="ascii").split()[0]) for thread in threads)


def measure(machine, rounds=ROUNDS, seconds=ROUND):
    """{kind: {guest: percent of one processor, the median of the rounds}}"""
    with contextlib.ExitStack() as stack:
        idlers = {
            (kind, guest): stack.enter_context(Idler(machine, guest, kind))
            for kind in KINDS
            for guest in GUESTS
        }
        for idler in idlers.values():
            idler.wait()
        time.sleep(SETTLE)
        shares = {key: [] for key in idlers}
        for _ in range(rounds):
            before = {key: (idler.nanoseconds(), time.monotonic_ns()) for key, idler in idlers.items()}
            time.sleep(seconds)
            for key, idler in idlers.items():
                used, elapsed = idler.nanoseconds() - before[key][0], time.monotonic_ns() - before[key][1]
                shares[key].append(100 * used / elapsed)
    return {
        kind: {guest: statistics.median(shares[kind, guest]) for guest in GUESTS} for kind in KINDS
    }
