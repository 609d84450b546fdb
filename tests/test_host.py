# SPDX-License-Identifier: GPL-2.0-only
"""The unit tests that run on the host: each program of tests/host/ is a test, and so
are the random walks of tests/host/mmu.  Their own output, one line per case, is shown
when one fails."""

import re
import subprocess

import pytest

from harness import BUILD, ROOT

PROGRAMS = sorted(source.stem for source in (ROOT / "tests" / "host").glob("test_*.c"))
PASSED = re.compile(r"^\[  PASSED  \] ([1-9]\d*) test", re.MULTILINE)


# More than a million steps, some of them with sanitizers.
WALKS = [("test_mmu", 400000, 1), ("test_mmu_fast", 1000000, 100001)]
CORPUS = sorted((ROOT / "tests" / "host" / "corpus" / "mmu").iterdir())


FUZZERS = ["mmu", "decode", "emulate", "pic", "apic"]


def run(*command):
    done = subprocess.run(
        command, cwd=ROOT, timeout=300, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    )
    assert done.returncode == 0, done.stdout
    return done


def check(*command):
    done = run(*command)
    assert PASSED.search(done.stdout), f"nothing passed\n{done.stdout}"


@pytest.mark.parametrize("program", PROGRAMS)
def test_host(program):
    check(BUILD / "host" / program)


@pytest.mark.parametrize("program, steps, seed", WALKS)
def test_mmu(program, steps, seed):
    check(BUILD / "host" / program, str(steps), str(seed))


def test_mmu_corpus():
    check(BUILD / "host" / "test_mmu", *CORPUS)


@pytest.mark.parametrize("fuzzer", FUZZERS)
def test_fuzzer(fuzzer, tmp_path):
    """A moment of what `make fuzz` does for long; the seed is always the same."""
    done = run(
        BUILD / "host" / f"fuzz_{fuzzer}", "-runs=300", "-seed=1", "-max_len=2048",
        "-len_control=0", f"-artifact_prefix={tmp_path}/",
    )
    assert "Done 300 runs" in done.stdout, done.stdout
