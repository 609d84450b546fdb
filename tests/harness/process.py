# SPDX-License-Identifier: GPL-2.0-only
"""Running an emulator with a time limit."""

import contextlib
import subprocess
import time


@contextlib.contextmanager
def started(command, stdout, cwd=None):
    """The running command, its output into the file stdout; it is killed if it
    still runs at the end."""
    with open(stdout, "wb") as out:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, cwd=cwd
        )
        try:
            yield child
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()


def wait(child, timeout):
    """The status that it ends with, None on a timeout."""
    try:
        return child.wait(timeout)
    except subprocess.TimeoutExpired:
        return None


def run(command, timeout, stdout, cwd=None):
    """Run command to its end; returns (status or None on a timeout, seconds taken)."""
    begin = time.monotonic()
    with started(command, stdout, cwd) as child:
        status = wait(child, timeout)
    return status, time.monotonic() - begin


def text(path):
    """A log that the guest may have filled with anything, or never created."""
    try:
        return path.read_bytes().decode("latin-1").replace("\r", "")
    except FileNotFoundError:
        return ""
