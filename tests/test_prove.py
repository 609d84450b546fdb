# SPDX-License-Identifier: GPL-2.0-only
"""`make prove` is not run here; but the proof that needs no prover is, and what runs
them all tells a proof that fails."""

import re
import shutil
import subprocess

from harness import BUILD, ROOT


def prove(root, build, *proofs):
    done = subprocess.run(
        [root / "tests" / "prove" / "run", "--build", build, *proofs], timeout=120, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    return done.returncode, done.stdout


def test_holds():
    status, output = prove(ROOT, BUILD / "prove-test", "exhaust_models")
    assert status == 0, output
    assert re.match(r"exhaust_models .*: \d+ goals, \d+ s\nprove: 0 failed, ", output)


def test_fails(tmp_path):
    for part in ("hypervisor", "include", "tests/prove"):
        shutil.copytree(ROOT / part, tmp_path / part)
    model = tmp_path / "hypervisor" / "model" / "apic.c"
    text = model.read_text()
    assert "if (!*word)" in text
    model.write_text(text.replace("if (!*word)", "if (*word)"))
    status, output = prove(tmp_path, tmp_path / "build", "exhaust_models")
    assert status == 1 and "FAILED" in output, output


def test_unknown_proof(tmp_path):
    status, output = prove(ROOT, tmp_path, "eva_nothing")
    assert status == 2 and "no such proof: eva_nothing" in output
