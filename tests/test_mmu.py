# SPDX-License-Identifier: GPL-2.0-only
"""The MMU: what a guest sees is what it sees natively."""

import functools
import re

import pytest

from harness import BUILD
from harness.environments import GuestCase
from harness.qemu import Qemu

PROCESS = re.compile(r"^process: .*$", re.MULTILINE)
WALK = re.compile(r"^walk: .*$", re.MULTILINE)
FIELDS = {"Timeout": "120", "Qemu": "-cpu qemu32,+nx"}


@functools.cache
def walk(environment, words, steps):
    """The digests of one run of mmu_random, each with its seed; they are of so many steps."""
    case = GuestCase("mmu_random", environment, words, FIELDS)
    lines = WALK.findall(case.run().serial)
    assert sum(int(re.search(r"steps (\d+)", line)[1]) for line in lines) >= steps
    return lines


@pytest.mark.parametrize("environment", ["segment", "paged"])
@pytest.mark.parametrize("announce", ["", "announce=none", "announce=all"])
@pytest.mark.parametrize("paging", ["paging=32", "paging=pae"])
def test_random_walk(paging, announce, environment):
    """Tables announced now and then, never, always."""
    words = f"{paging} {announce}"
    got = walk(environment, words, 100_000)
    print(*got, sep="\n")
    assert got == walk("native", words, 100_000)


@pytest.mark.parametrize("environment", ["segment-checked", "paged-checked"])
@pytest.mark.parametrize("paging", ["paging=32", "paging=pae"])
def test_random_walk_with_assertions(paging, environment):
    """The shadows' invariants hold on the way (hypervisor/mmu/check.c)."""
    assert walk(environment, paging, 100_000) == walk("native", f"{paging} ", 100_000)


@pytest.mark.parametrize("environment", ["bochs", "bochs-paged"])
@pytest.mark.parametrize("paging", ["paging=32", "paging=pae"])
def test_random_walk_on_bochs(paging, environment):
    """Less of it, where segments have limits, PDPTEs are cached, and TLBs other habits."""
    words = f"{paging} bochs"
    assert walk(environment, words, 20_000) == walk("bochs-native", words, 20_000)


@functools.cache
def processes(protect, words):
    """What the demonstration's processes print."""
    machine = Qemu(kernel=BUILD / "demo.elf", append=words, protect=protect)
    if not protect:
        machine.rom = None
    outcome = machine.run()
    outcome.check_success()
    lines = PROCESS.findall(outcome.serial)
    outcome.check(len(lines) > 10, "the processes say too little")
    return lines


@pytest.mark.parametrize("protect", ["segment", "paged"])
@pytest.mark.parametrize("words", ["", "announce", "deferred", "announce deferred"])
@pytest.mark.parametrize("paging", ["32", "pae"])
def test_processes(paging, words, protect):
    """Announced or not, deferred or not: the same as natively."""
    want = processes(None, "paging=32")
    assert processes(None, f"paging={paging} {words}") == want
    assert processes(protect, f"paging={paging} {words}") == want
