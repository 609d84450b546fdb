# SPDX-License-Identifier: GPL-2.0-only
"""vmi-info: judges an option ROM by docs/abi.md, section 1.

Shares nothing with what builds the ROM but the call list, and believes
nothing that it reads: any file gives a report.  Reading order: report, header,
elf, symbols, show.
"""

from . import elf, header, symbols
from .report import Report


def judge(data, calls, require_all=False):
    """The Report on the ROM file with the content @data.

    @calls is the call list; with @require_all a call that the ROM lacks is a
    fault, else only those that nothing works without are.
    """
    report = Report(data)
    if header.check(report):
        tables = elf.check(report)
        entries = symbols.check(report, tables, calls, require_all)
        header.check_slots(report, entries)
    return report
