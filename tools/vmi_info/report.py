# SPDX-License-Identifier: GPL-2.0-only
"""What vmi-info knows about a ROM: its bytes, the facts, the faults."""

import struct

ELF_BASE = 0x40		# file offsets of the ROM's ELF file count from here
SLOTS_END = 0x90	# header and jump slots end here


class Report:
    """Bounds-checked access to a ROM, and what was found in it."""

    def __init__(self, data):
        self.data = data	# what is being judged: the ROM, then what stays of it
        self.length = len(data)	# bytes of the ROM
        self.resident = len(data)	# bytes of it that stay after POST
        self.facts = []		# (what, text), in the order to show them
        self.faults = []	# one line each
        self.calls = []		# symbols.Entry, by offset
        self.missing = []	# names of calls without an entry

    def fact(self, what, text):
        """Note what is in the ROM."""
        self.facts.append((what, text))

    def fault(self, what, value, wanted):
        """Note what is wrong with the ROM."""
        self.faults.append("%s: %s, want %s" % (what, value, wanted))

    def fault_list(self, what, names, wanted):
        """One fault that @names have in common, if there are any."""
        if names:
            more = len(names) - 3
            self.fault(what, " ".join(names[:3])
                       + (" and %d more" % more if more > 0 else ""), wanted)

    def holds(self, offset, size):
        """Whether the ROM has @size bytes at @offset."""
        return 0 <= offset and 0 <= size and offset + size <= len(self.data)

    def unpack(self, form, offset):
        """The fields of struct format @form at @offset; None beyond."""
        if not self.holds(offset, struct.calcsize(form)):
            return None
        return struct.unpack_from(form, self.data, offset)

    def word(self, form, offset):
        """The one field of format @form at @offset, which is in bounds."""
        return struct.unpack_from(form, self.data, offset)[0]

    def string(self, offset, limit, end=None):
        """The NUL-ended string at @offset, of less than @limit bytes.

        None if it does not end before that, or before @end.
        """
        end = len(self.data) if end is None else min(end, len(self.data))
        if not 0 <= offset < end:
            return None
        stop = self.data.find(b"\0", offset, min(end, offset + limit))
        return None if stop < 0 else \
            self.data[offset:stop].decode("latin-1")


def printable(text):
    """@text as it may go to a terminal."""
    return "".join(c if " " <= c <= "~" else "\\x%02x" % ord(c)
                   for c in text)
