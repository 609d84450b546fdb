# SPDX-License-Identifier: GPL-2.0-only
"""What is counted: the lists of the source tree that name the monitor's
counters, and calls by their entries as QEMU's translator logs them."""

import os
import re
import threading

import vmi_info
from vmi_calls import read_calls

HOLE_ROM = 0xfc000000	# hypervisor/base/hole.h; docs/abi.md: virtual top
ROM_MAX = 0x5000
STAT = re.compile(r'STAT\((\w+), "([^"]+)"\)')
TRACE = "trace"


class ListError(Exception):
    """A list of the source tree cannot be used."""


class Lists:
    """The counters, in their order in the monitor's memory."""

    def __init__(self, stats, calls):
        self.stats = stats	# names
        self.calls = calls	# vmi_calls.Call


def read_lists(tree):
    """The Lists of the source tree that the ROM was built from."""
    path = os.path.join(tree, "hypervisor", "base", "stats.h")
    with open(path, encoding="ascii") as file:
        stats = [name for _, name in STAT.findall(file.read())]
    if not stats:
        raise ListError("%s: no counters" % path)
    return Lists(stats, read_calls(os.path.join(tree, "include", "vmi_calls.def")))


def read_entries(rom):
    """{offset: [call names]} of a ROM."""
    with open(rom, "rb") as file:
        report = vmi_info.judge(file.read(), [])
    entries = {}
    for entry in report.calls:
        entries.setdefault(entry.value, []).append(entry.name)
    if not entries:
        raise ListError("%s: no entries; vmi-info says what is wrong with it" % rom)
    return entries


class Tracer:
    """Counts how often code at an entry in the hole begins to run.

    QEMU logs each block of translated code that it enters; a call's entry begins
    one.  The log is a FIFO, read as it is written.
    """

    def __init__(self, directory, entries):
        self.entries = entries
        self.counts = {}
        self.path = os.path.join(directory, TRACE)
        os.mkfifo(self.path)
        self.keep = os.open(self.path, os.O_RDWR)	# so that neither side's open() waits
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    @staticmethod
    def arguments(directory):
        """QEMU's."""
        return ["-d", "exec,nochain", "-D", os.path.join(directory, TRACE),
                "-dfilter", "%#x+%#x" % (HOLE_ROM, ROM_MAX)]

    def read(self):
        """Trace 0: host address [cs base/pc/flags/cflags]"""
        counts = self.counts
        with open(self.path, "rb") as log:
            for line in log:
                if line == b"end\n":
                    return
                if line.startswith(b"Trace"):
                    pc = line.split(b"/", 2)[1]
                    counts[pc] = counts.get(pc, 0) + 1

    def result(self):
        """{call name: count}"""
        os.write(self.keep, b"\nend\n")
        self.thread.join()
        os.close(self.keep)
        found = {}
        for pc, count in self.counts.items():
            for name in self.entries.get(int(pc, 16) - HOLE_ROM, ())[:1]:
                found[name] = found.get(name, 0) + count
        return found
