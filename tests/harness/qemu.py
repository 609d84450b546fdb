# SPDX-License-Identifier: GPL-2.0-only
"""A guest in QEMU: the machine, its ROMs, and what became of the run."""

import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from . import ROM, process
from .outcome import Outcome

# What -d cpu_reset dumps at power-on, too.
REGISTERS = re.compile(r"^(CPU Reset|[A-Z0-9]{2,4} ?=|FPR|XMM|DR6|CC[SDO]).*\n", re.MULTILINE)

# isa-debug-exit makes (0 << 1) | 1 of a guest's success.
STATUS_SUCCESS = 1

TRIPLE_FAULT = "Triple fault"
REGISTER_LINES = 18  # of a dump, without the FPU's


@dataclass
class Qemu:
    """One machine; run() boots the guest in it once.

    rom is one path, a list of them (in command-line order), or None.
    """

    kernel: Path = None
    append: str = ""
    iso: Path = None
    rom: object = ROM
    machine: str = "pc"
    mem: int = 64
    cpu: str = None
    cpus: int = 1
    vga: str = "std"
    protect: str = None
    devices: str = None
    icount: bool = False
    accel: str = "tcg"
    extra: list = field(default_factory=list)
    timeout: float = 120  # a busy host may take ten times as long as an idle one

    def roms(self):
        if self.rom is None:
            return []
        return self.rom if isinstance(self.rom, list) else [self.rom]

    def command(self, directory):
        words = ["qemu-system-i386", "-nodefaults", "-no-reboot", "-display", "none"]
        words += ["-machine", self.machine, "-accel", self.accel, "-m", str(self.mem)]
        words += ["-smp", f"{self.cpus},sockets={self.cpus},cores=1,threads=1", "-vga", self.vga]
        words += ["-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
        words += ["-serial", f"file:{directory}/serial"]
        words += ["-debugcon", f"file:{directory}/debug", "-global", "isa-debugcon.iobase=0xe9"]
        words += ["-d", "cpu_reset,guest_errors", "-D", f"{directory}/qemu.log"]
        if self.cpu:
            words += ["-cpu", self.cpu]
        if self.icount:
            words += ["-icount", "shift=0,sleep=off"]
        if self.protect:
            words += ["-fw_cfg", f"name=opt/vmi/protect,string={self.protect}"]
        if self.devices:
            words += ["-fw_cfg", f"name=opt/vmi/devices,string={self.devices}"]
        for rom in self.roms():
            words += ["-option-rom", str(rom)]
        if self.kernel:
            words += ["-kernel", str(self.kernel)]
        if self.append:
            words += ["-append", self.append]
        if self.iso:
            words += ["-cdrom", str(self.iso)]
        return words + list(self.extra)

    def run(self):
        with tempfile.TemporaryDirectory(prefix="vmi-qemu-") as name:
            directory = Path(name)
            command = self.command(directory)
            status, seconds = process.run(command, self.timeout, directory / "stdout")
            serial = process.text(directory / "serial")
            log = process.text(directory / "qemu.log")
            return Outcome(
                command=command,
                ended=judge(status, serial, log),
                seconds=seconds,
                serial=serial,
                debug=process.text(directory / "debug"),
                logs={"qemu": process.text(directory / "stdout"), "qemu -d": essence(log)},
            )


def essence(log):
    """What a reader wants of QEMU's -d log: the triple fault with its registers,
    or the errors alone."""
    fault = log.find(TRIPLE_FAULT)
    if fault < 0:
        return REGISTERS.sub("", log)
    return "\n".join(log[fault:].splitlines()[:REGISTER_LINES])


def judge(status, serial, log):
    """How the run ended.  QEMU that cannot start ends with 1, too: but silently."""
    if status is None:
        return "timeout"
    if TRIPLE_FAULT in log:
        return "triple fault"
    if status == STATUS_SUCCESS:
        return "success" if serial else "qemu did not start the guest"
    if status == 0:
        return "reset or power-off"
    if status < 0:
        return f"qemu killed by signal {-status}"
    return f"failure (guest wrote {status >> 1:#x})" if status & 1 else f"qemu status {status}"
