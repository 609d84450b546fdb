# SPDX-License-Identifier: GPL-2.0-only
"""The packed monitor: the ROM's last part, which POST unpacks and then gives back."""

import struct

from .linked import Fault

FRAME = struct.Struct("<II")  # magic number, and the one block's size
MAGIC = 0x184C2102  # of the legacy frame (lz4_Frame_format.md of the LZ4 project)
ROOM = struct.Struct("<III")  # at rom_room: the resident part's size; the block from, to


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
    """Append the @block behind what stays, and tell POST of both."""
    place = linked.address("rom_room")
    if place is None or place + ROOM.size > len(image):
        raise Fault(f"{linked.path}: symbol rom_room: none, want {ROOM.size} bytes in the image")
    resident = len(image)
    image += block
    ROOM.pack_into(image, place, resident, resident, len(image))
