# SPDX-License-Identifier: GPL-2.0-only
"""The monitor's levels, as docs/architecture.md has them: an arrow goes down only.

Checked twice, by what each file includes and by what each object asks the linker
for; the second sees declarations that were written by hand, and assembler.
"""

import re
import subprocess

import pytest

from harness import BUILD, ROOT

MONITOR = ROOT / "hypervisor"
OBJECTS = BUILD / "hypervisor"

LEVELS = {"base": 0, "model": 1, "mmu": 2, "cpu": 3, "dev": 3, "emulate": 4, "entry": 5, "start": 6}

# What a folder offers to those above it.  All of base/ and model/ is public.
PUBLIC = {"mmu/mmu.h", "cpu/cpu.h", "dev/dev.h", "emulate/emulate.h", "entry/entry.h"}
# Private headers that one file of another folder may include, and why.
EXCEPTIONS = {
    ("entry/quick.c", "cpu/flat.h"),  # the gate delivers by the same fast path
    ("start/adopt.c", "dev/controllers.h"),  # it fills the models
}

SHARED_STRUCTS = {"mmu", "controllers", "clock", "ports"}
CONSTANT = ".bss.const_after_start"

SOURCES = sorted(path for path in MONITOR.glob("*/*.[ch]"))
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def name_of(path):
    return str(path.relative_to(MONITOR))


def folder_of(name):
    return name.split("/")[0]


def may_use(user, used):
    """May a file of folder @user know what folder @used offers?"""
    return user == used or LEVELS[used] < LEVELS[user]


def may_include(name, header):
    user, used = folder_of(name), folder_of(header)
    if used == "model":
        return True  # types and pure functions
    if (name, header) in EXCEPTIONS or user == used:
        return True
    return may_use(user, used) and (used == "base" or header in PUBLIC)


def test_every_folder_has_a_level():
    assert {path.name for path in MONITOR.iterdir() if path.is_dir()} == set(LEVELS)
    assert not [path.name for path in MONITOR.iterdir() if path.is_file()]


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_includes(path):
    headers = [h for h in INCLUDE.findall(path.read_text()) if (ROOT / "include" / h).exists() is False]
    unknown = [h for h in headers if not (MONITOR / h).exists()]
    assert not unknown, "by the path from hypervisor/, please"
    assert not [h for h in headers if not may_include(name_of(path), h)]


# ---- objects ----


class Object:
    """What an object defines, {symbol: section}, and the symbols that it refers to."""

    def __init__(self, path):
        self.name = str(path.relative_to(OBJECTS))[: -len(".o")]
        self.defined, self.own, self.used = {}, {}, set()
        table = subprocess.run(
            ["objdump", "-t", "-r", path], capture_output=True, text=True, check=True
        ).stdout
        for line in table.splitlines():
            symbol = re.match(r"[0-9a-f]{8} (.{7}) (\S+)\s+[0-9a-f]{8} (?:\.hidden )?(\S+)$", line)
            if symbol:
                flags, section, name = symbol.groups()
                if section not in ("*UND*", "*ABS*", "*COM*"):
                    (self.defined if "g" in flags else self.own)[name] = section
            use = re.match(r"[0-9a-f]{8} R_386_\S+\s+([\w.]+)", line)
            if use:
                self.used.add(use.group(1))


@pytest.fixture(scope="module", name="objects")
def fixture_objects():
    found = [Object(path) for path in sorted(OBJECTS.glob("*/*.o"))]
    return [o for o in found if o.name != "start/offsets.c"]


@pytest.fixture(scope="module", name="arrows")
def fixture_arrows(objects):
    """{object: {another that it refers to: symbols}}"""
    home = {symbol: o.name for o in objects for symbol in o.defined}
    return {
        o.name: {
            other: sorted(s for s in o.used if home.get(s) == other)
            for other in {home[s] for s in o.used if s in home} - {o.name}
        }
        for o in objects
    }


def test_objects_are_there(objects):
    wanted = {name_of(path) for path in MONITOR.glob("*/*.c")} | {
        name_of(path) for path in MONITOR.glob("*/*.asm")
    }
    assert {o.name for o in objects} == wanted - {"start/offsets.c"}


def test_arrows_go_down(arrows):
    up = {
        f"{name} -> {other}": symbols
        for name, others in arrows.items()
        for other, symbols in others.items()
        if not may_use(folder_of(name), folder_of(other))
    }
    assert not up


def test_no_circle(arrows):
    """No two files need each other, by however many others between."""

    def reachable(start):
        seen, todo = set(), [start]
        while todo:
            for other in arrows[todo.pop()]:
                if other not in seen:
                    seen.add(other)
                    todo.append(other)
        return seen

    reach = {name: reachable(name) for name in arrows}
    circles = sorted(
        f"{a} <-> {b}" for a in reach for b in reach[a] if a < b and a in reach[b]
    )
    assert not circles


def test_no_state_outside_the_shared_structs(objects):
    """Above base/, what can change is the vCPU's, or lies in one of four structs."""
    state = {
        f"{o.name}: {symbol}"
        for o in objects
        for table in (o.defined, o.own)
        for symbol, section in table.items()
        if re.match(r"\.(bss|data)(\.|$)", section)
        and symbol not in (".bss", ".data", section)
        and not section.startswith(CONSTANT)
        and folder_of(o.name) != "base"
        and symbol not in SHARED_STRUCTS
    }
    # post_stack_top: POST's stack (head.asm), probe_gate: limits_enforced()'s.
    allowed = {"start/head.asm: post_stack_top", "start/probe.asm: probe_gate"}
    assert state <= allowed


ONLY = {
    "reflect": {"entry", "start"},
    "reflect_fault": {"entry", "start"},
    "reflect_soft": {"entry"},
    "exit_attend": {"entry"},
    "inject_interrupt": {"entry"},
}


@pytest.mark.parametrize("symbol", ONLY)
def test_only_the_way_out_delivers(objects, symbol):
    home = [o.name for o in objects if symbol in o.defined]
    users = {folder_of(o.name) for o in objects if symbol in o.used and o.name not in home}
    assert home and users and users <= ONLY[symbol]
