# SPDX-License-Identifier: GPL-2.0-only
"""The ROM's header and what it points at: what has to be there already, and what is filled in."""

import struct

from .linked import Fault

UNIT = 512  # of romLength
MAX_UNITS = 255  # romLength is one byte
MAX_SIZE = 96 * 1024  # of the file: fits beside a VGA BIOS until POST has shrunk it
SIGNATURE = b"cVmi"
OFF_LENGTH, OFF_SIGNATURE, OFF_VIRTUAL_TOP = 0x02, 0x08, 0x10
OFF_PCIR, OFF_PNP = 0x18, 0x1A
ELF_HEADER, SLOTS, SLOTS_END = 0x40, 0x80, 0x90
PCIR_IMAGE_LENGTH, PCIR_RUN_TIME = 0x10, 0x16
PNP_UNITS, PNP_CHECKSUM = 5, 9
# Words that the ROM carries for machines without fw_cfg: options, bytes at their symbols.
WORDS = {"protect": 8, "devices": 12}


def check(path, image):
    """Refuse an image that does not start as docs/abi.md says."""
    if len(image) < SLOTS_END:
        raise Fault(f"{path}: image of {len(image)} bytes, want header and jump slots")
    if image[:2] != b"\x55\xaa":
        raise Fault(f"{path}: ROM signature {image[:2].hex()}, want 55aa")
    signature = bytes(image[OFF_SIGNATURE:OFF_SIGNATURE + len(SIGNATURE)])
    if signature != SIGNATURE:
        raise Fault(f"{path}: VMI signature {signature.hex()}, want {SIGNATURE.hex()}")
    if any(image[ELF_HEADER:SLOTS]):
        raise Fault(f"{path}: bytes 40h to 7fh are used, want zeroes: the ELF header goes there")


def rounded(size):
    """@size in whole units."""
    return -(-size // UNIT) * UNIT


def pad(image):
    """Fill the image up to whole units."""
    image.extend(bytes(rounded(len(image)) - len(image)))


def check_fits(what, size, limit, advice, parts):
    """Refuse what is over its limit, with the sizes of its parts."""
    over = rounded(size) - limit
    if over > 0:
        rows = "".join(f"\n  {name:<20} {part:7}" for name, part in parts)
        raise Fault(f"{what}: {rounded(size)} bytes, want at most {limit}: {over} too many "
                    f"({advice}){rows}")


def check_resident(linked, size, output):
    """Refuse a resident part for which the hole has no room."""
    limit = linked.address("rom_resident_max")
    if limit is None:
        raise Fault(f"{linked.path}: symbol rom_resident_max: none, want the hole's room")
    parts = [(s.name, s.size) for s in linked.parts()]
    image_end = max((s.addr + s.size for s in linked.loaded()), default=0)
    parts.append(("ELF tables", size - image_end))
    check_fits(f"{output}: resident part", size, limit,
               "move code into the monitor, or raise ROM_MAX of hypervisor/base/hole.h", parts)


def check_size(resident, size, limit, output):
    """Refuse a file for which BIOSes have no room."""
    parts = (("resident part", resident), ("packed monitor", size - resident))
    check_fits(output, size, limit,
               "build the monitor with -Os, shorten its texts, or raise --max-size", parts)


def fill(linked, image, resident, options):
    """Fill in everything that depends on the finished image; the checksum comes last."""
    fill_lengths(linked.path, image, resident)
    for name, size in WORDS.items():
        word = getattr(options, name, None)
        if word:
            fill_word(linked, image, name, word, size)
    fill_pnp_checksum(image)
    fill_checksum(linked, image)


def structure_at(image, field, signature):
    """Where the header's 16-bit @field points, if @signature is there."""
    (offset,) = struct.unpack_from("<H", image, field)
    if offset and image[offset:offset + len(signature)] == signature:
        return offset
    return None


def fill_lengths(path, image, resident):
    """romLength, and the PCI structure's image and run-time lengths, in 512 bytes."""
    units = len(image) // UNIT
    image[OFF_LENGTH] = units
    pcir = structure_at(image, OFF_PCIR, b"PCIR")
    if pcir is None:
        raise Fault(f"{path}: no PCI data structure, wanted: POST finds the resident size in it")
    struct.pack_into("<H", image, pcir + PCIR_IMAGE_LENGTH, units)
    struct.pack_into("<H", image, pcir + PCIR_RUN_TIME, resident // UNIT)


def fill_word(linked, image, name, word, size):
    """Have the ROM ask for a mode or a policy where no fw_cfg does."""
    place = linked.address(f"rom_{name}")
    if place is None:
        raise Fault(f"{linked.path}: symbol rom_{name}: missing, wanted for --{name}")
    image[place:place + size] = word.encode().ljust(size, b"\0")


def fill_pnp_checksum(image):
    """The checksum byte of the $PnP structure."""
    pnp = structure_at(image, OFF_PNP, b"$PnP")
    if pnp is not None:
        image[pnp + PNP_CHECKSUM] = 0
        size = image[pnp + PNP_UNITS] * 16
        image[pnp + PNP_CHECKSUM] = -sum(image[pnp:pnp + size]) & 0xFF


def fill_checksum(linked, image):
    """The byte that makes the ROM's sum 0."""
    place = linked.address("rom_checksum")
    if place is None or not SLOTS <= place < len(image):
        found = "none" if place is None else f"{place:#x}"
        raise Fault(f"{linked.path}: symbol rom_checksum: {found}, want a zero byte in the image")
    if image[place]:
        raise Fault(f"{linked.path}: byte at rom_checksum: {image[place]:02x}, want 00")
    image[place] = -sum(image) & 0xFF
