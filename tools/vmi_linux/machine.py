# SPDX-License-Identifier: GPL-2.0-only
"""The run: QEMU, its monitor protocol (QMP), and how the guest ended.

A guest that powers off, resets or shuts down its CPU by a triple fault leaves
QEMU paused, so that the monitor's memory can still be read.
"""

import json
import os
import re
import socket
import subprocess
import time
from dataclasses import dataclass, field

from .counters import Tracer

COUNTERS = re.compile(r"^vmi: (\d+) counters at ([0-9a-f]{8})$", re.M)
ACTIVATED = re.compile(r"^vmi: guest at cpl ", re.M)
STOPPED = re.compile(r"^vmi: (guest stopped|monitor bug): .*$", re.M)
BANNER = re.compile(r"^.*paravirtualized kernel on .*$", re.M)
QEMU = "qemu-system-i386"
ENDS = {"guest-shutdown": "powered off", "guest-reset": "reset the machine",
        "guest-panic": "panicked"}
QUIT_SECONDS = 10


class StartError(Exception):
    """QEMU did not start; the text is the one line to print."""


@dataclass
class Run:
    """What became of it."""
    how: str = "was ended with QEMU"	# the guest ...
    ended_itself: bool = False
    seconds: float = 0.0
    activated: bool = False
    banner: str = ""		# what the kernel says it runs on
    log: str = ""		# the debug console
    counters: list = field(default_factory=list)	# per CPU
    traced: dict = None		# call name: entries, with --count


class Qmp:
    """QEMU's monitor protocol on one end of a socket pair."""

    def __init__(self, sock):
        self.sock = sock
        self.rest = b""

    def read(self, deadline):
        """The next message; None at the deadline, EOFError when QEMU is gone."""
        while b"\n" not in self.rest:
            self.sock.settimeout(None if deadline is None else max(deadline - time.monotonic(), 0.001))
            try:
                data = self.sock.recv(65536)
            except (socket.timeout, BlockingIOError):
                return None
            except ConnectionResetError:
                data = b""
            if not data:
                raise EOFError
            self.rest += data
        line, self.rest = self.rest.split(b"\n", 1)
        return json.loads(line)

    def command(self, name, **arguments):
        """Run a command, wait for its answer."""
        message = {"execute": name, "arguments": arguments}
        self.sock.sendall(json.dumps(message).encode() + b"\n")
        deadline = time.monotonic() + QUIT_SECONDS
        while True:
            answer = self.read(deadline)
            if answer is None:
                raise EOFError
            if "return" in answer or "error" in answer:
                return answer.get("return")

    def wait_for_end(self, deadline):
        """The reason of the SHUTDOWN event, or None."""
        while True:
            message = self.read(deadline)
            if message is None:
                return None
            if message.get("event") == "SHUTDOWN":
                return message["data"]["reason"]


def command(options, directory, qmp_fd):
    """QEMU's command line."""
    cpus = "%d,sockets=%d,cores=1,threads=1" % (options.cpus, options.cpus)
    words = [QEMU, "-nodefaults", "-vga", "std", "-display", "none",
             "-m", options.mem, "-smp", cpus,
             "-action", "reboot=shutdown,shutdown=pause,panic=pause",
             "-chardev", "socket,id=qmp,fd=%d" % qmp_fd, "-mon", "chardev=qmp,mode=control",
             "-chardev", "stdio,id=serial,signal=off,logfile=%s/serial" % directory,
             "-serial", "chardev:serial",
             "-debugcon", "file:%s/debug" % directory, "-global", "isa-debugcon.iobase=0xe9",
             "-kernel", options.kernel, "-append", options.append]
    if options.initrd:
        words += ["-initrd", options.initrd]
    if options.rom:
        words += ["-option-rom", options.rom]
    if options.protect:
        words += ["-fw_cfg", "name=opt/vmi/protect,string=%s" % options.protect]
    if options.disk:
        words += ["-drive", "file=%s,format=raw,if=ide" % options.disk]
    if options.count and options.rom:
        words += Tracer.arguments(directory)
    return words + options.qemu


def read_text(path):
    """A log, as far as there is one."""
    try:
        with open(path, "rb") as file:
            return file.read().decode("latin-1").replace("\r", "")
    except FileNotFoundError:
        return ""


def read_counters(qmp, log, directory):
    """The counters of each CPU that the log names, from guest memory."""
    found = []
    path = os.path.join(directory, "counters")
    for count, address in COUNTERS.findall(log):
        size = int(count) * 4
        qmp.command("pmemsave", val=int(address, 16), size=size, filename=path)
        with open(path, "rb") as file:
            data = file.read()
        found.append([int.from_bytes(data[i:i + 4], "little") for i in range(0, size, 4)])
    return found


def watch(run, qmp, options, directory):
    """From QEMU's start to its end."""
    deadline = options.timeout and time.monotonic() + options.timeout
    try:
        if qmp.read(time.monotonic() + QUIT_SECONDS) is None:
            return
        qmp.command("qmp_capabilities")
        try:
            reason = qmp.wait_for_end(deadline)
        except KeyboardInterrupt:
            reason = None
        run.ended_itself = reason in ENDS
        run.how = ENDS.get(reason, "was still running")
        run.log = read_text(os.path.join(directory, "debug"))
        run.counters = read_counters(qmp, run.log, directory)
        qmp.command("quit")
    except EOFError:
        pass


def finish(run, directory):
    """What the logs say."""
    run.log = read_text(os.path.join(directory, "debug"))
    run.activated = ACTIVATED.search(run.log) is not None
    stopped = STOPPED.search(run.log)
    if stopped:
        run.how = "was stopped by the monitor (%s)" % stopped.group(0)
        run.ended_itself = False
    banner = BANNER.search(read_text(os.path.join(directory, "serial")))
    run.banner = banner.group(0).strip() if banner else ""


def run(options, directory, entries):
    """Boot the guest once; the Run.  @entries: what --count counts, or None."""
    result = Run()
    ours, theirs = socket.socketpair()
    tracer = Tracer(directory, entries) if entries else None
    begin = time.monotonic()
    try:
        child = subprocess.Popen(command(options, directory, theirs.fileno()),
                                 pass_fds=[theirs.fileno()])
    except OSError as error:
        raise StartError("%s: %s" % (QEMU, error)) from error
    theirs.close()
    try:
        watch(result, Qmp(ours), options, directory)
    finally:
        ours.close()
        child.terminate()
        status = child.wait()
    result.seconds = time.monotonic() - begin
    if status not in (0, -15):
        raise StartError("%s ended with status %d" % (QEMU, status))
    if tracer:
        result.traced = tracer.result()
    finish(result, directory)
    return result
