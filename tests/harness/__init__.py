# SPDX-License-Identifier: GPL-2.0-only
"""What the tests share: machines to boot a guest in, and ways to judge the run.

Reading order: outcome.py (what a run leaves), qemu.py and bochs.py (the
machines), environments.py (which of them an in-guest test runs in), romedit.py
(ROM and guest images spoilt on purpose).
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
ROM = BUILD / "vmi.rom"
ROM_CHECK = BUILD / "check" / "vmi.rom"  # with all assertions compiled in
ROM_PAGED = BUILD / "vmi-paged.rom"  # for machines without fw_cfg
DEMO = BUILD / "demo.elf"
