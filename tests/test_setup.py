# SPDX-License-Identifier: GPL-2.0-only
"""tools/setup: silent when nothing is missing, installs when it may, else
prints the one command.  apt-get, id and sudo are stand-ins here."""

import os
import shutil
import subprocess

import pytest

from harness import ROOT

MISSING = "nosuch  /nonexistent/file\nother  no-such-command\nnosuch  no-such-either\n"
INSTALL = "apt-get install -y --no-install-recommends nosuch other"


@pytest.fixture(name="setup")
def make_setup(tmp_path):
    """A function that runs a copy of setup: (status, output, calls of apt-get)."""

    def stand_in(name, body):
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def run(packages, user=0, sudo=False, apt_status=0, arguments=()):
        shutil.copy(ROOT / "tools" / "setup", tmp_path)
        (tmp_path / "packages").write_text(packages)
        stand_in("id", f"echo {user}")
        stand_in("sudo", '[ "$1" = -n ] && shift; exec "$@"' if sudo else "exit 1")
        stand_in("apt-get", f'echo "$DEBIAN_FRONTEND" "$@" >>{tmp_path}/calls; exit {apt_status}')
        done = subprocess.run(
            [tmp_path / "setup", *arguments], env={"PATH": f"{tmp_path}/bin:{os.environ['PATH']}"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )
        calls = tmp_path / "calls"
        return done.returncode, done.stdout, calls.read_text().splitlines() if calls.exists() else []

    return run


def test_nothing_missing(setup):
    assert setup("# a comment\n\nbase  sh\nglob  /bin/s?\n") == (0, "", [])


@pytest.mark.parametrize(("user", "sudo"), [(0, False), (1000, True)], ids=["root", "sudo"])
def test_installs(setup, user, sudo):
    status, output, calls = setup(MISSING, user, sudo)
    assert status == 0
    assert output == "setup: installing nosuch other\n"
    assert [call.split()[0] for call in calls] == ["noninteractive"] * 2
    assert calls[0].endswith(" update")
    assert calls[1].endswith(INSTALL.removeprefix("apt-get"))


def test_says_how(setup):
    status, output, calls = setup(MISSING, user=1000)
    assert status == 1 and not calls
    assert f"sudo apt-get update && sudo {INSTALL}\n" in output


def test_failure_is_told(setup):
    status, output, _ = setup(MISSING, apt_status=100)
    assert status == 1
    assert INSTALL in output


def test_another_list(setup, tmp_path):
    (tmp_path / "packages-more").write_text("more  no-such-command\n")
    status, output, calls = setup("", arguments=["packages-more"])
    assert status == 0 and len(calls) == 2
    assert output == "setup: installing more\n"
