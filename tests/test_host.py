# SPDX-License-Identifier: GPL-2.0-only
"""The unit tests that run on the host: each program of tests/host/ is a test.
Their own output, one line per case, is shown when one fails."""

import re
import subprocess

import pytest

from harness import BUILD, ROOT

PROGRAMS = sorted(source.stem for source in (ROOT / "tests" / "host").glob("test_*.c"))
PASSED = re.compile(r"^\[  PASSED  \] ([1-9]\d*) test", re.MULTILINE)


@pytest.mark.parametrize("program", PROGRAMS)
def test_host(program):
    done = subprocess.run(
        [BUILD / "host" / program], cwd=ROOT, timeout=120, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    )
    assert done.returncode == 0, done.stdout
    assert PASSED.search(done.stdout), f"nothing passed\n{done.stdout}"
