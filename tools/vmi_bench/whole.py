# SPDX-License-Identifier: GPL-2.0-only
"""All runs of `make bench`, put together as one dictionary: bench.json."""

import platform
import re
import subprocess

from . import idle
from .expect import judge
from .figures import differences, instructions, nanoseconds
from .runs import COLUMNS, Progress, in_pairs, one_by_one

MEMORIES = (64, 256, 1024, 3072)
SITES = (0, 10, 100, 1000, 10000)
MODES = ("segment", "paged")
FLAT = 1.25
TICKS_PER_US = 1000  # waiting counts, too: under -icount 1 ns is an instruction
PADDED = "macro"  # what the cost of padding is shown by


def host():
    """The processor under the emulator."""
    try:
        with open("/proc/cpuinfo", encoding="ascii") as lines:
            model = re.search(r"^model name\s*: (.*)$", lines.read(), re.MULTILINE)
    except OSError:
        model = None
    return model.group(1) if model else platform.machine()


def emulator(qemu):
    done = subprocess.run([qemu, "--version"], capture_output=True, text=True, check=True)
    return "QEMU " + re.search(r"version (\S+)", done.stdout).group(1) + ", TCG"


def capacity(series):
    """How many address spaces cost no more than FLAT times one, by column."""
    return {
        f"address spaces at a flat cost, {mode}": max(
            int(count) for count, cost in series[mode].items() if cost <= FLAT * series[mode]["1"]
        )
        for mode in MODES
    }


class Whole:
    """The runs that are asked for, and what came of them."""

    def __init__(self, machine, only, out):
        self.machine = machine
        self.only = only
        self.growing = only in (None, "growth")
        self.starting = only in (None, "startup")
        self.idling = only in (None, "idle")
        self.operating = only not in ("startup", "idle")
        self.counted_jobs = self.operation_jobs() + self.side_jobs()
        self.timed_jobs = [
            (("timed", column), self.column_job(column, counted=False))
            for column in COLUMNS
            if self.operating
        ]
        if self.idling:
            self.timed_jobs.append((("idle",), lambda: idle.measure(self.machine)))
        self.progress = Progress(len(self.counted_jobs) + len(self.timed_jobs), out)

    def job(self, protect, words, **more):
        return lambda: self.machine.boot(protect, words, **more)

    def column_job(self, column, counted=True):
        protect, words = COLUMNS[column]
        if self.only:
            words += f" only={self.only}"
        return self.job(protect, words, counted=counted)

    def operation_jobs(self):
        if not self.operating:
            return []
        return [
            (("counted", column, again), self.column_job(column))
            for column in COLUMNS
            for again in (1, 2)
        ]

    def side_jobs(self):
        jobs = []
        for mode in MODES if self.growing else ():
            for mem in MEMORIES:
                jobs.append((("memory", mode, mem), self.job(mode, "only=pte", mem=mem)))
        for mode in MODES if self.starting or self.growing else ():
            for count in SITES:
                words = f"native startup sites={count}"
                jobs.append((("sites", mode, count), self.job(mode, words)))
        if self.starting:
            for mem in MEMORIES:
                jobs.append((("bare", mem), self.job(None, "native only=none", mem=mem)))
                jobs.append((("post", mem), self.job("segment", "native only=none", mem=mem)))
                words = "native startup sites=0"
                jobs.append((("init", mem), self.job("segment", words, mem=mem)))
            words = f"native only={PADDED}"
            jobs.append((("padding", "bench.elf"), self.job(None, words)))
            plain = "bench-plain.elf"
            jobs.append((("padding", plain), self.job(None, words, kernel=plain)))
        return jobs

    def run(self):
        self.results = in_pairs(self.counted_jobs, self.progress)
        self.results.update(one_by_one(self.timed_jobs, self.progress))
        data = {"emulator": emulator(self.machine.qemu), "host": host(), "only": self.only}
        data["operations"] = self.operations()
        data["agreement"] = self.agreement()
        if self.growing:
            data["growth"] = self.growth(data["operations"])
            data["capacity"] = capacity(data["growth"]["address spaces"])
        if self.starting:
            data["size"] = self.size()
            data["startup"] = self.startup()
            data["padding"] = self.padding()
        if self.idling:
            data["idle"] = self.results["idle",]
        return data

    def operations(self):
        """{name: {group, columns: {column: {instructions, ns}}, target, met}}"""
        table = {}
        for column in COLUMNS if self.operating else ():
            counts = instructions(self.results["counted", column, 1])
            times = nanoseconds(self.results["timed", column])
            for (group, name), figure in counts.items():
                entry = table.setdefault(name, {"group": group, "columns": {}})
                cell = entry["columns"][column] = {"instructions": figure}
                if (group, name) in times:
                    keys = ("median", "quartile1", "quartile3", "rounds")
                    cell["ns"] = dict(zip(keys, times[group, name]))
        for name, entry in table.items():
            verdict = judge(name, entry["group"], entry["columns"])
            if verdict:
                entry["target"], entry["met"] = verdict
        return table

    def agreement(self):
        """Whether two runs counted the same, in words."""
        text = []
        for column in COLUMNS if self.operating else ():
            first = self.results["counted", column, 1]
            bad = differences(first, self.results["counted", column, 2])
            if bad:
                text += [f"{column}: two runs DIFFER in {' '.join(name for _, name in bad)}"]
            else:
                text += [f"{column}: two runs agree to the instruction in {len(first.operations)} lines"]
        return text

    def growth(self, table):
        """{what grows: {column: {how many: instructions for one}}}"""
        series = {"page-table updates": {}, "address spaces": {}}
        prefixes = {"updates-": "page-table updates", "spaces-": "address spaces"}
        for name, entry in table.items():
            for prefix, title in prefixes.items():
                if not name.startswith(prefix) or entry["group"] != "growth":
                    continue
                for column, cell in entry["columns"].items():
                    values = series[title].setdefault(column, {})
                    values[name[len(prefix) :]] = cell["instructions"]
        series["memory, MiB"] = {
            mode: {
                str(mem): instructions(self.results["memory", mode, mem])["pte", "first-touch"]
                for mem in MEMORIES
            }
            for mode in MODES
        }
        series["call sites"] = {
            mode: {str(count): self.per_site(mode, count) for count in SITES[1:]} for mode in MODES
        }
        return series

    def patching(self, mode, count):
        return self.results["sites", mode, count].other["startup"]["patch"]

    def per_site(self, mode, count):
        return (self.patching(mode, count) - self.patching(mode, 0)) / count

    def size(self):
        rom = self.machine.rom.read_bytes()
        text = {"ROM, bytes": len(rom), "ROM, bytes up to the padding": len(rom.rstrip(b"\0"))}
        for mem in MEMORIES:
            memory = self.results["post", mem].monitor_bytes
            text[f"monitor's memory at {mem} MiB, KiB"] = memory // 1024
        return text

    def startup(self):
        text = {}
        for mem in MEMORIES:
            post = self.results["post", mem].other["entry"]["tsc"]
            bare = self.results["bare", mem].other["entry"]["tsc"]
            init = self.results["init", mem].other["startup"]["activate"]
            text[f"POST at {mem} MiB, us"] = (post - bare) // TICKS_PER_US
            text[f"VMI_Init at {mem} MiB, us"] = init // TICKS_PER_US
        text["finding the ROM, instructions"] = self.results["init", MEMORIES[0]].other["startup"]["probe"]
        text["patching, instructions per site"] = round(self.per_site("segment", SITES[-1]))
        return text

    def padding(self):
        """Natively: the annotated kernel against one built without annotations."""
        padded = instructions(self.results["padding", "bench.elf"])
        plain = instructions(self.results["padding", "bench-plain.elf"])
        text = {}
        for (_, name), figure in padded.items():
            bare = plain[PADDED, name]
            percent = 100 * (figure - bare) / bare
            text[name] = f"{figure:.0f} padded, {bare:.0f} plain: {percent:+.2f} %"
        return text
