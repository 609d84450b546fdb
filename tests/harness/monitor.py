# SPDX-License-Identifier: GPL-2.0-only
"""QEMU's own monitor, while a guest runs: stop, continue, save and restore it."""

import contextlib
import socket
import struct
import tempfile
import time
from pathlib import Path

from . import process
from .outcome import Outcome
from .qemu import essence, judge

PROMPT = b"(qemu) "
CLUSTER = 1 << 16
DISK = 1 << 26


class Monitor:
    """The connection; one command at a time."""

    def __init__(self, path, timeout=20):
        self.directory = Path(path).parent  # where the machine's logs are
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(str(path))
        self.answer()

    def answer(self):
        text = b""
        while not text.endswith(PROMPT):
            part = self.socket.recv(4096)
            if not part:
                raise EOFError("QEMU closed its monitor")
            text += part
        return text

    def command(self, words):
        self.socket.sendall(words.encode() + b"\n")
        return self.answer().decode("latin-1")


def empty_qcow2(path):
    """A disk for snapshots (QEMU's docs/interop/qcow2.txt, version 2): header,
    refcount table, one refcount block, L1 table, a cluster each."""
    header = struct.pack(
        ">4sIQIIQIIQQIIQ",
        b"QFI\xfb", 2, 0, 0, 16, DISK, 0, 1, 3 * CLUSTER, CLUSTER, 1, 0, 0,
    )  # fmt: skip
    clusters = [header, struct.pack(">Q", 2 * CLUSTER), struct.pack(">4H", 1, 1, 1, 1), b""]
    path.write_bytes(b"".join(c.ljust(CLUSTER, b"\0") for c in clusters))


def wait_for(path, text, timeout):
    """Until a log holds the text; false if it never does."""
    end = time.monotonic() + timeout
    while text not in process.text(path):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def run(machine, ready, act):
    """Boot machine (a Qemu); when its serial log holds `ready`, call act(monitor)."""
    with tempfile.TemporaryDirectory(prefix="vmi-monitor-") as name:
        directory = Path(name)
        empty_qcow2(directory / "disk")
        command = machine.command(directory) + [
            "-monitor", f"unix:{directory}/monitor,server=on,wait=off",
            "-drive", f"if=none,id=snapshots,format=qcow2,file={directory}/disk",
        ]  # fmt: skip
        begin = time.monotonic()
        with process.started(command, directory / "stdout") as child:
            if wait_for(directory / "serial", ready, machine.timeout):
                with contextlib.suppress(EOFError, ConnectionError):
                    act(Monitor(directory / "monitor"))
            status = process.wait(child, machine.timeout)
        serial = process.text(directory / "serial")
        log = process.text(directory / "qemu.log")
        return Outcome(
            command=command,
            ended=judge(status, serial, log),
            seconds=time.monotonic() - begin,
            serial=serial,
            debug=process.text(directory / "debug"),
            logs={"qemu": process.text(directory / "stdout"), "qemu -d": essence(log)},
        )
