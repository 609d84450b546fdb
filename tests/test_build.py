# SPDX-License-Identifier: GPL-2.0-only
"""What was built: nothing that an old processor does not know, and by clang too."""

import os
import re
import subprocess

from harness import BUILD, ROOT
from harness.qemu import Qemu

LONG_NOP = re.compile(r"^.*\tnop[wl]\b.*$", re.MULTILINE)


def test_guests_have_no_long_nops():
    """A P5 runs guests natively and does not know 0F 1F."""
    listings = [BUILD / "demo.lst", BUILD / "minimal.lst", *(BUILD / "tests").glob("*.lst")]
    found = {path.name: LONG_NOP.findall(path.read_text()) for path in listings}
    assert not any(found.values()), {name: nops for name, nops in found.items() if nops}


def test_assembler_follows_headers():
    """A changed structure rebuilds the assembler that uses its offsets."""
    plan = subprocess.run(
        ["make", "-n", "-W", "hypervisor/base/vcpu.h", "build/vmi/transition.asm.o"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True,
    ).stdout
    assert re.search(r"^nasm .* vmi/transition\.asm$", plan, re.MULTILINE), plan


def test_clang(tmp_path):
    """Clang builds everything without a warning, and what it built runs."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        ["make", "CC=clang", f"B={tmp_path}", "all", "guest-tests"],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", timeout=300, check=False,
    )
    assert done.returncode == 0 and "warning" not in done.stdout, done.stdout
    Qemu(kernel=tmp_path / "demo.elf", rom=tmp_path / "vmi.rom").run().check_vmi_demo()


def test_help_lists_every_target():
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE).group(1).split()
    listed = subprocess.run(
        ["make", "-s", "help"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    internal = {"FORCE"}
    missing = [target for target in phony if target not in internal and f"make {target} " not in listed]
    assert not missing
