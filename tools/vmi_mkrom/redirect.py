# SPDX-License-Identifier: GPL-2.0-only
"""Critical entries: in the ROM they jump to virtual top.

Their bodies are critical regions that the monitor finds by EIP, so they may run in the
copy at virtual top only (docs/architecture.md).  What the jump replaces is saved in
.vmi.original, for the monitor to put into the copy.
"""

import struct

from .entries import ELF_HEADER_END
from .header import OFF_VIRTUAL_TOP
from .linked import STT_FUNC, STT_OBJECT, Fault

JUMP = struct.Struct("<BIB")  # push imm32; ret
PUSH, RET = 0x68, 0xC3
ORIGINAL = struct.Struct(f"<I{JUMP.size}sH")


def apply(linked, image, symbols):
    """Make critical entries jump to virtual top, and save their bytes."""
    entries, saved = read_records(linked)
    check_entries(linked.path, entries, len(image))
    for entry in entries:
        check_bodies(linked.path, entry, symbols)
    size = len(entries) * ORIGINAL.size
    if any(image[saved:saved + size]) or saved + size > len(image):
        raise Fault(f"{linked.path}: .vmi.original at {saved:#x} is in use, want zeroes")
    (top,) = struct.unpack_from("<I", image, OFF_VIRTUAL_TOP)
    for number, entry in enumerate(entries):
        original = bytes(image[entry:entry + JUMP.size])
        ORIGINAL.pack_into(image, saved + number * ORIGINAL.size, entry, original, 0)
        JUMP.pack_into(image, entry, PUSH, (top + entry) & 0xFFFFFFFF, RET)


def read_records(linked):
    """The entries to redirect, and where to save what they were."""
    wanted = linked.section(".vmi.redirect")
    contents = linked.contents(wanted) if wanted else b""
    if len(contents) % 4:
        raise Fault(f"{linked.path}: .vmi.redirect of {len(contents)} bytes, "
                    "want 4 for each entry")
    entries = [word for (word,) in struct.iter_unpack("<I", contents)]
    saved, size = linked.original_table()
    want = len(entries) * ORIGINAL.size
    if size != want:
        hint = "" if size else " (no such section, and no rom_vmi_original_end?)"
        raise Fault(f"{linked.path}: .vmi.original of {size} bytes, want {want} for "
                    f"{len(entries)} entries of .vmi.redirect{hint}")
    return entries, saved


def check_entries(path, entries, image_size):
    """Refuse an entry outside the image, or two that lie on each other."""
    last = None
    for entry in sorted(entries):
        if not ELF_HEADER_END <= entry <= image_size - JUMP.size:
            raise Fault(f"{path}: .vmi.redirect: entry {entry:#x}, want it inside the image")
        if last is not None and entry - last < JUMP.size:
            raise Fault(f"{path}: .vmi.redirect: entries {last:#x} and {entry:#x}, want "
                        f"{JUMP.size} bytes between them")
        last = entry


def check_bodies(path, entry, symbols):
    """Refuse a redirection that would overwrite more than its own body."""
    for symbol in symbols:
        start, end = symbol.value, symbol.value + symbol.size
        if start < entry + JUMP.size and entry < end and symbol.kind == STT_OBJECT:
            raise Fault(f"{path}: {symbol.name} lies on the redirected entry {entry:#x}, "
                        "want a copy of its own: guests copy it from the ROM")
        if symbol.kind == STT_FUNC and start == entry and symbol.size < JUMP.size:
            raise Fault(f"{path}: {symbol.name}: {symbol.size} bytes, want {JUMP.size} "
                        "to redirect it")
