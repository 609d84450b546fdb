# SPDX-License-Identifier: GPL-2.0-only
"""docs/abi.md has a row for every call, with its number and a test that exists;
and no page links to what is not there."""

import re

import pytest

from harness import ROOT

ABI = ROOT / "docs" / "abi.md"
CALL = re.compile(r"^VMI_CALL\((\w+),\s*(\w+),", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])


def listed_calls():
    """{name: number or None} of the call list."""
    text = (ROOT / "include" / "vmi_calls.def").read_text()
    found = CALL.findall(text)
    return {name: int(number) if number.isdigit() else None for name, number in found}


def rows():
    """(names, numbers, tests) of each row that begins with a call."""
    for line in ABI.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0].startswith("VMI_"):
            names = re.findall(r"VMI_(\w+)", cells[0])
            yield names, cells[1], re.findall(r"\w+", cells[-1])


def numbers_of(cell, count):
    """`7, 9`, `15-18`, `-` or `slot` as a list of that many numbers or None."""
    span = re.fullmatch(r"(\d+)-(\d+)", cell)
    if span:
        return list(range(int(span[1]), int(span[2]) + 1))
    if cell in ("-", "slot"):
        return [None] * count
    return [int(word) for word in cell.split(",")]


def test_every_call_has_one_row():
    documented = [name for names, _, _ in rows() for name in names]
    assert sorted(documented) == sorted(listed_calls())


def test_numbers():
    wanted = listed_calls()
    for names, cell, _ in rows():
        assert numbers_of(cell, len(names)) == [wanted[name] for name in names], names


def test_tests_exist():
    missing = {
        test for names, _, tests in rows() for test in tests
        if not (ROOT / "tests" / "guest" / test).is_dir()
    }
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links(page):
    dead = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert not dead
