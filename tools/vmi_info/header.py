# SPDX-License-Identifier: GPL-2.0-only
"""The ROM header, the structures that it points at, and the jump slots."""

from .report import SLOTS_END, printable

UNIT = 512
PCIR_SIZE = 0x18
VIRTUAL_TOP_MIN = 0xFC000000
LICENCES = ("GPL", "GPL v2")
SLOTS = ((0x80, "VMI_Init"), (0x88, "VMI_GetRelocationInfo"))
ZEROES = ((0x07, 1, "romPad0"), (0x0F, 1, "reserved byte"),
          (0x14, 2, "reserved word"), (0x1C, 4, "romPad3"),
          (0x20, 32, "reserved bytes"))


def check(report):
    """Judge the header; whether there is enough of a ROM to go on."""
    data = report.data
    if len(data) < SLOTS_END:
        report.fault("file", "%d bytes" % len(data),
                     "at least %d: header and jump slots (truncated?)"
                     % SLOTS_END)
        return False
    if data[:2] != b"\x55\xaa":
        report.fault("romSignature at 00h", data[:2].hex(" "), "55 aa")
    if data[8:12] != b"cVmi":
        report.fault("hyperSignature at 08h", data[8:12].hex(" "),
                     "63 56 6d 69 (cVmi)")
        if data[:2] != b"\x55\xaa":
            return False	# no option ROM: more faults would be noise
    whole = check_length(report)
    check_resident(report)
    if whole:
        check_checksum(report)
    check_entry(report)
    # Whoever looks at the rest does so after POST.
    report.data = report.data[:report.resident]
    check_fields(report)
    check_licence(report)
    check_pcir(report)
    check_pnp(report)
    return True


def check_length(report):
    """romLength and the file's size; whether there are as many bytes as it says."""
    units, size = report.data[2], len(report.data)
    report.fact("length", "%d x %d = %d bytes" % (units, UNIT, units * UNIT))
    if units * UNIT < SLOTS_END:
        report.fault("romLength at 02h", units, "at least 1")
        return False
    if units * UNIT > size:
        report.fault("file", "%d bytes" % size,
                     "%d, as romLength says (truncated?)" % (units * UNIT))
        return False
    if units * UNIT < size:
        report.fault("file", "%d bytes" % size,
                     "%d, as romLength says" % (units * UNIT))
        report.data = report.data[:units * UNIT]
    report.length = report.resident = units * UNIT
    return True


def check_resident(report):
    """How much of the ROM stays after POST: the PCI data structure's run-time length."""
    at = report.word("<H", 0x18)
    if not report.holds(at, PCIR_SIZE) or report.data[at:at + 4] != b"PCIR":
        return		# check_pcir() says what is wrong
    units, most = report.word("<H", at + 0x16), report.length // UNIT
    report.fact("resident", f"{units} x {UNIT} = {units * UNIT} bytes")
    if units * UNIT < SLOTS_END or units > most:
        report.fault("PCIR run-time length", units, f"1 to {most}, all that there is")
    else:
        report.resident = units * UNIT


def check_checksum(report):
    """All bytes sum to 0."""
    total = sum(report.data) & 0xFF
    report.fact("checksum", "%02x" % total)
    if total:
        report.fault("checksum", "%02x" % total, "00")


def check_entry(report):
    """romEntry: a 16-bit jump of at most three bytes.

    SeaBIOS's build tools put their checksum byte at 06h.
    """
    opcode = report.data[3]
    if opcode == 0xE9:
        target = (6 + report.word("<h", 4)) & 0xFFFF
    elif opcode == 0xEB:
        target = (5 + report.word("<b", 4)) & 0xFFFF
    else:
        report.fault("romEntry at 03h", report.data[3:6].hex(" "),
                     "a jump (e9 or eb)")
        return
    report.fact("16-bit entry", "%xh" % target)
    if not SLOTS_END <= target < len(report.data):
        report.fault("romEntry at 03h", "jump to %xh" % target,
                     "%xh to %xh" % (SLOTS_END, len(report.data) - 1))


def check_fields(report):
    """The fields that stand for themselves."""
    data = report.data
    minor, major = data[0x0C], data[0x0D]
    report.fact("interface", "%d.%d" % (major, minor))
    if major != 3:
        report.fault("APIVersionMajor at 0Dh", major, "3")
    if data[0x0E] != len(SLOTS):
        report.fault("number of jump slots at 0Eh", data[0x0E], len(SLOTS))
    top = report.word("<I", 0x10)
    report.fact("virtual top", "%08x" % top)
    if top < VIRTUAL_TOP_MIN or top & 0xFFF:
        report.fault("virtual top at 10h", "%08x" % top,
                     "a page at %08x or above" % VIRTUAL_TOP_MIN)
    for offset, size, name in ZEROES:
        if any(data[offset:offset + size]):
            report.fault("%s at %02Xh" % (name, offset),
                         data[offset:offset + size].hex(" "), "zero")


def check_licence(report):
    """The string without which 3.0 guests refuse the ROM."""
    offset = report.word("<H", 0x16)
    text = report.string(offset, 64) if offset >= SLOTS_END else None
    if text is None:
        report.fault("licence offset at 16h", "%xh: no string" % offset,
                     "a NUL-ended string in the ROM")
        return
    report.fact("licence", '"%s" at %xh' % (printable(text), offset))
    if text not in LICENCES:
        report.fault("licence at %xh" % offset, '"%s"' % printable(text),
                     " or ".join('"%s"' % name for name in LICENCES))


def structure(report, field, name, signature, size, align):
    """Where the structure is that the 16-bit @field points at, or None."""
    offset = report.word("<H", field)
    if offset < SLOTS_END or not report.holds(offset, size):
        report.fault("%s offset at %02Xh" % (name, field), "%xh" % offset,
                     "%d bytes in the ROM" % size)
        return None
    found = report.data[offset:offset + 4]
    if found != signature:
        report.fault("%s signature at %xh" % (name, offset), found.hex(" "),
                     signature.hex(" "))
        return None
    if offset % align:
        report.fault("%s offset at %02Xh" % (name, field), "%xh" % offset,
                     "a multiple of %d" % align)
    return offset


def check_pcir(report):
    """The PCI data structure (PCI Firmware Specification 3.0, 5.1.2)."""
    at = structure(report, 0x18, "PCIR", b"PCIR", PCIR_SIZE, 4)
    if at is None:
        return
    vendor, device = report.unpack("<HH", at + 4)
    size, units = report.word("<H", at + 0x0A), report.word("<H", at + 0x10)
    code, last = report.data[at + 0x14], report.data[at + 0x15]
    report.fact("PCIR", "at %xh: vendor %04x, device %04x, %d x %d bytes"
                % (at, vendor, device, units, UNIT))
    if size < PCIR_SIZE or not report.holds(at, size):
        report.fault("PCIR length", size, "at least 24, in the ROM")
    if (vendor, device) != (0xFFFF, 0xFFFF):
        report.fault("PCIR vendor and device", "%04x:%04x" % (vendor, device),
                     "ffff:ffff (nobody's)")
    if report.data[2] not in (0, units):
        report.fault("PCIR image length", units,
                     "romLength's %d" % report.data[2])
    if code != 0:
        report.fault("PCIR code type", code, "0 (PC-AT)")
    if not last & 0x80:
        report.fault("PCIR indicator", "%02x" % last, "80 (the last image)")


def check_pnp(report):
    """The expansion header (Plug and Play BIOS Specification 1.0A, 3.1).

    SeaBIOS runs no other ROM in time.
    """
    at = structure(report, 0x1A, "$PnP", b"$PnP", 0x20, 16)
    if at is None:
        return
    size = report.data[at + 5] * 16
    if report.data[at + 4] != 1:
        report.fault("$PnP revision", report.data[at + 4], "1")
    if size < 0x20 or not report.holds(at, size):
        report.fault("$PnP length", "%d bytes" % size,
                     "at least 32, in the ROM")
    else:
        total = sum(report.data[at:at + size]) & 0xFF
        if total:
            report.fault("$PnP checksum", "%02x" % total, "00")
    names = [pnp_string(report, at + field, what) for field, what in
             ((0x0E, "manufacturer"), (0x10, "product"))]
    report.fact("$PnP", 'at %xh: "%s", "%s"' % (at, *names))


def pnp_string(report, field, what):
    """A string that the $PnP structure points at, to be shown."""
    offset = report.word("<H", field)
    text = report.string(offset, 256) if offset >= SLOTS_END else None
    if not text or printable(text) != text:
        report.fault("$PnP %s at %xh" % (what, offset),
                     "no text" if not text else '"%s"' % printable(text),
                     "a printable string in the ROM")
    return printable(text or "")


def slot_target(report, slot):
    """Where the jump in a slot leads, or None if it is no jump."""
    opcode = report.data[slot]
    if opcode == 0xE9:
        return (slot + 5 + report.word("<i", slot + 1)) & 0xFFFFFFFF
    if opcode == 0xEB:
        return slot + 2 + report.word("<b", slot + 1)
    return None


def check_slots(report, entries):
    """The jump slots lead where the symbols of the same calls are."""
    for slot, name in SLOTS:
        target = slot_target(report, slot)
        entry = entries.get(name)
        if target is None and entry == slot:
            target = slot
        if target is None:
            report.fault("jump slot at %xh" % slot,
                         report.data[slot:slot + 5].hex(" "),
                         "a jump to %s" % name)
            continue
        report.fact("slot %xh" % slot, "%s, %xh" % (name, target))
        if entry is not None and target != entry:
            report.fault("jump slot at %xh" % slot, "to %xh" % target,
                         "%s, %xh" % (name, entry))
        elif not 0x80 <= target < len(report.data):
            report.fault("jump slot at %xh" % slot, "to %xh" % target,
                         "a target in the ROM")
