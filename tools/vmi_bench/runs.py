# SPDX-License-Identifier: GPL-2.0-only
"""Booting the benchmark kernel, and reading what it prints (tests/bench/measure.c)."""

import re
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# Name, protection mode (None: no ROM), words on the kernel's command line.
COLUMNS = {
    "native": (None, ""),
    "segment-unpatched": ("segment", "unpatched"),
    "segment": ("segment", ""),
    "paged-unpatched": ("paged", "unpatched"),
    "paged": ("paged", ""),
}
TIMEOUT = 120
STATUS_SUCCESS = 1  # what isa-debug-exit makes of the guest's 0

FIELD = re.compile(r"(\w[\w-]*)=(\S+)")
POST_LINE = re.compile(r"^vmi: version .* monitor ([0-9a-f]+)-([0-9a-f]+) ", re.MULTILINE)


class BenchError(Exception):
    """A run that did not end well."""


class Machine:
    """Where benchmark kernels run."""

    def __init__(self, build, rom, qemu="qemu-system-i386"):
        self.build = Path(build)
        self.rom = rom
        self.qemu = qemu

    def command(self, directory, protect, words, counted, mem, kernel):
        """QEMU's command line; under -icount nothing depends on the host's clock."""
        line = [self.qemu, "-nodefaults", "-no-reboot", "-display", "none", "-vga", "std"]
        line += ["-machine", "pc", "-accel", "tcg", "-m", str(mem)]
        line += ["-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
        line += ["-serial", f"file:{directory}/serial"]
        line += ["-debugcon", f"file:{directory}/debug", "-global", "isa-debugcon.iobase=0xe9"]
        if counted:
            line += ["-icount", "shift=0,sleep=off", "-rtc", "base=2006-01-01,clock=vm"]
            words = f"counted {words}"
        if protect:
            line += ["-option-rom", str(self.rom)]
            line += ["-fw_cfg", f"name=opt/vmi/protect,string={protect}"]
        return line + ["-kernel", str(self.build / kernel), "-append", words]

    def boot(self, protect, words="", counted=True, mem=64, kernel="bench.elf"):
        """One run; returns its lines and the debug console."""
        with tempfile.TemporaryDirectory(prefix="vmi-bench-") as directory:
            command = self.command(directory, protect, words, counted, mem, kernel)
            status, output = run(command)
            serial = read(directory, "serial")
            debug = read(directory, "debug")
        vmi = "platform: vmi" in serial or "startup" in words
        if status != STATUS_SUCCESS or (protect and not vmi and "native" not in words):
            tail = "\n".join((output + debug + serial).splitlines()[-15:])
            raise BenchError(f"{' '.join(command)}\nended with {status}:\n{tail}")
        return Lines(serial, debug)


def run(command):
    """Status (None after a timeout) and output of an emulator."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None, f"no end after {TIMEOUT} s\n"
    return done.returncode, done.stdout.decode("latin-1")


def read(directory, name):
    """A log that the guest may never have created."""
    path = Path(directory) / name
    return path.read_bytes().decode("latin-1").replace("\r", "") if path.exists() else ""


class Lines:
    """What one run said: operations by (group, name), and the rest."""

    def __init__(self, serial, debug):
        self.operations = {}
        self.other = {}
        for line in serial.splitlines():
            if not line.startswith("bench: "):
                continue
            words = [word for word in line.split()[1:] if "=" not in word]
            fields = dict(FIELD.findall(line))
            if len(words) == 2:
                self.operations[tuple(words)] = fields
            else:
                self.other[words[0]] = {key: int(value) for key, value in fields.items()}
        monitor = POST_LINE.search(debug)
        self.monitor_bytes = (
            int(monitor.group(2), 16) + 1 - int(monitor.group(1), 16) if monitor else 0
        )


class Progress:
    """One line on the terminal for each run that has ended."""

    def __init__(self, total, out):
        self.total = total
        self.done = 0
        self.out = out
        self.begin = time.monotonic()

    def step(self, what):
        self.done += 1
        seconds = time.monotonic() - self.begin
        what = " ".join(map(str, what))
        print(f"bench: [{self.done}/{self.total}] {seconds:3.0f} s: {what}", file=self.out, flush=True)


def in_pairs(jobs, progress):
    """Runs (name, function) jobs, two at a time: for those that only count."""
    results = {}

    def work(job):
        name, function = job
        results[name] = function()
        progress.step(name)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, jobs))
    return results


def one_by_one(jobs, progress):
    """Likewise, but alone on the host: for those that are timed."""
    results = {}
    for name, function in jobs:
        results[name] = function()
        progress.step(name)
    return results
