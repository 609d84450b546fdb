# SPDX-License-Identifier: GPL-2.0-only
"""mkrom: makes the option ROM out of the linked image (docs/abi.md, section 1).

The linker cannot write the ROM's ELF file: its program headers would have to follow the
ELF header at 40h, where the jump slots are.  So the image is linked on its own at base 0,
and this package

  - takes its bytes (linked),
  - judges the symbols of the calls (entries),
  - redirects the entries of critical calls to virtual top (redirect),
  - appends .hash, .dynsym, .dynstr, .dynamic and the header tables (tables),
  - appends the packed monitor, which is no part of the ELF file (packed),
  - fills in the lengths and the checksums (header).

File offsets of the ELF file count from 40h, addresses from the ROM's first byte.  What
lies before the packed monitor stays in memory after POST: the resident part.
"""

from collections import namedtuple

from vmi_calls import ALIASES

from . import entries, header, packed, redirect, tables
from .linked import Fault, LinkedImage

Rom = namedtuple("Rom", "data free resident present missing symbols")


def make(options, calls):
    """The Rom that the command line asks for; a Fault if there is none to be made."""
    linked = LinkedImage(options.elf)
    image = linked.image()
    header.check(options.elf, image)
    symbols = entries.find(linked, calls, len(image))
    wanted, missing = missing_calls(symbols, calls)
    if missing and options.require_all:
        raise Fault(f"{options.elf}: calls without an entry: {' '.join(missing)}")
    redirect.apply(linked, image, symbols)
    tables.append(linked, image, symbols)
    header.check_resident(linked, len(image), options.output)
    header.pad(image)
    resident = len(image)
    packed.append(linked, image, packed.read(options.monitor))
    size = len(image)
    header.check_size(resident, size, options.max_size, options.output)
    header.pad(image)
    header.fill(linked, image, resident, options)
    return Rom(image, options.max_size - size, resident, len(wanted) - len(missing), missing,
               linked.symbols)


def missing_calls(symbols, calls):
    """The names of all calls, and of those that have no entry."""
    names = {symbol.name for symbol in symbols}
    wanted = [call.name for call in calls] + list(ALIASES)
    return wanted, [name for name in wanted if "VMI_" + name not in names]
