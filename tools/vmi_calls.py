# SPDX-License-Identifier: GPL-2.0-only
"""The call list, include/vmi_calls.def, as the tools read it.

One line of the list is VMI_CALL(name, number, queue, site, place); the index of a
call is its place in the list.  The C compiler reads the same file: this
reader takes the same lines and refuses what it does not understand rather
than skip it, so that the two cannot come to mean different lists.
"""

import re
from collections import namedtuple

Call = namedtuple("Call", "name number queue site place index")

QUEUES = ("NONE", "MMU", "CPU", "DT")
PLACES = ("LAYER", "MONITOR", "ABSENT")
MAX_NUMBER = 73  # the highest of interface 3.0
MIN_SITE = 5  # a near call

# A second symbol that must name the same entry (docs/abi.md, section 4).
ALIASES = {"WRMSR_SPLIT": "WRMSR"}

_LINE = re.compile(r"VMI_CALL\(\s*(\w+)\s*,\s*(\w+)\s*,\s*(\w+)\s*,"
                   r"\s*(\w+)\s*,\s*(\w+)\s*\)$")


class CallListError(Exception):
    """The call list cannot be used; the text is the one line to print."""


def _without_comments(text):
    keep_lines = lambda match: "\n" * match.group(0).count("\n")
    return re.sub(r"/\*.*?\*/", keep_lines, text, flags=re.S)


def _number(word, where, low, high):
    try:
        value = int(word, 0)
    except ValueError:
        value = -1
    if not low <= value <= high:
        raise CallListError(f"{where}: {word}, want a number from {low} to {high}")
    return value


def _parse_line(line, where, index):
    match = _LINE.match(line)
    if not match:
        raise CallListError(f"{where}: `{line}`, want VMI_CALL(name, number, queue, site, place)")
    name, number, queue, site, place = match.groups()
    if queue not in QUEUES:
        raise CallListError(f"{where}: queue {queue}, want one of {' '.join(QUEUES)}")
    if place not in PLACES:
        raise CallListError(f"{where}: place {place}, want one of {' '.join(PLACES)}")
    if number == "VMI_NO_NUMBER":
        number = None
    else:
        number = _number(number, where, 0, MAX_NUMBER)
    return Call(name, number, queue, _number(site, where, MIN_SITE, 255), place, index)


def _check_unique(calls, path):
    for what in ("name", "number"):
        seen = set()
        for call in calls:
            value = getattr(call, what)
            if value is not None and value in seen:
                raise CallListError(f"{path}: {what} {value} stands twice")
            seen.add(value)


def parse_calls(text, path="vmi_calls.def"):
    """The list of Call in @text; @path is for the error messages."""
    calls = []
    lines = _without_comments(text).splitlines()
    for number, line in enumerate(lines, 1):
        line = line.strip()
        if line and not line.startswith("#"):
            calls.append(_parse_line(line, f"{path}:{number}", len(calls)))
    if not calls:
        raise CallListError(f"{path}: no VMI_CALL line")
    _check_unique(calls, path)
    return calls


def read_calls(path):
    """The list of Call in the file @path."""
    try:
        with open(path, encoding="utf-8") as stream:
            return parse_calls(stream.read(), path)
    except OSError as error:
        raise CallListError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CallListError(f"{path}: not a text file") from None
