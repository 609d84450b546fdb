# SPDX-License-Identifier: GPL-2.0-only
"""Running an emulator with a time limit."""

import subprocess
import time


def run(command, timeout, stdout, cwd=None):
    """Run command, its output into the file stdout.

    Returns (status or None on a timeout, seconds taken).
    """
    begin = time.monotonic()
    with open(stdout, "wb") as out:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, cwd=cwd
        )
        try:
            status = child.wait(timeout)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
    return status, time.monotonic() - begin


def text(path):
    """A log that the guest may have filled with anything, or never created."""
    try:
        return path.read_bytes().decode("latin-1").replace("\r", "")
    except FileNotFoundError:
        return ""
