# SPDX-License-Identifier: GPL-2.0-only
"""A Report in readable form, and as JSON."""

import json
import textwrap


def call_line(entry):
    """The line of one call."""
    notes = []
    if entry.inline:
        notes.append("inline: %d bytes at %xh" % (entry.inline[1],
                                                 entry.inline[0]))
    if entry.redirected:
        notes.append("to virtual top")
    number = "-" if entry.number is None else entry.number
    line = "  %6x %5d %4s  VMI_%-24s %s" % (entry.value, entry.size, number,
                                            entry.name, ", ".join(notes))
    return line.rstrip()


def text(report):
    """The lines that describe the ROM."""
    lines = ["%-13s %s" % fact for fact in report.facts]
    if report.calls:
        lines.append("calls         %d" % len(report.calls))
        lines.append("  offset  size  3.0  name")
        lines += [call_line(entry) for entry in report.calls]
    if report.calls and report.missing:
        lines.append("missing       %d" % len(report.missing))
        lines += textwrap.wrap(" ".join(report.missing), 76,
                               initial_indent="  ", subsequent_indent="  ")
    return lines


def as_json(report, path):
    """All of it as one JSON object."""
    return json.dumps({
        "file": path,
        "good": not report.faults,
        "length": report.length,
        "resident": report.resident,
        "faults": report.faults,
        "facts": dict(report.facts),
        "calls": [dict(entry._asdict(), name="VMI_" + entry.name)
                  for entry in report.calls],
        "missing": report.missing,
    }, indent=1)
