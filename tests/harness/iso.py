# SPDX-License-Identifier: GPL-2.0-only
"""Bootable CD images of guests, made once per kernel and kept in build/iso/."""

import os
import subprocess
from pathlib import Path

from . import BUILD, ROOT


def make_iso(kernel, image, *words):
    """Write an ISO that boots kernel with GRUB; return its path."""
    subprocess.run([ROOT / "tools" / "mkiso", kernel, image, *words], check=True)
    return image


def iso_of(kernel, command_line=""):
    """The kept ISO of a kernel with a command line, remade if the kernel is newer."""
    kernel = Path(kernel)
    words = command_line.split()
    image = BUILD / "iso" / ("-".join([kernel.stem, *words]) + ".iso")
    if image.exists() and image.stat().st_mtime > kernel.stat().st_mtime:
        return image
    image.parent.mkdir(parents=True, exist_ok=True)
    # Another worker may be making the same one: rename, and the last one wins.
    make_iso(kernel, image.with_suffix(f".{os.getpid()}"), *words).rename(image)
    return image
