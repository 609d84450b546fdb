# SPDX-License-Identifier: GPL-2.0-only
"""The packed monitor: the ROM's last part, which POST unpacks and then gives back."""

import struct

from .linked import Fault

FRAME = struct.Struct("<II")  # magic number, and the one block's size
MAGIC = 0x184C2102  # of the legacy frame (lz4_Frame_format.md of the LZ4 project)
PLACE = struct.Struct("<II")  # at rom_packed: from, to


def read(path):
    """The block of LZ4 in the file that `lz4 -l` has made."""
    try:
        with open(path, "rb") as stream:
            data = stream.read()
    except OSError as error:
        raise Fault(f"{path}: {error.strerror}") from None
    block = data[FRAME.size:]
    if not block or FRAME.unpack_from(data) != (MAGIC, len(block)):
        raise Fault(f"{path}: {data[:FRAME.size].hex()} and {len(block)} bytes more, want one "
                    "block of LZ4 in a legacy frame")
    return block


def append(linked, image, block):
    """Append the @block, and tell POST where it is."""
    place = linked.address("rom_packed")
    if place is None or place + PLACE.size > len(image):
        raise Fault(f"{linked.path}: symbol rom_packed: none, want {PLACE.size} bytes in the image")
    start = len(image)
    image += block
    PLACE.pack_into(image, place, start, len(image))
