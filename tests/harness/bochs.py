# SPDX-License-Identifier: GPL-2.0-only
"""A guest in Bochs, which checks what QEMU's TCG does not: segment limits,
privilege in IRET frames, cached PDPTEs.  Guests boot from a CD with GRUB."""

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import ROM, process
from .outcome import Outcome

CONFIG = """\
config_interface: textconfig
display_library: rfb, options="timeout=0"
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/vgabios/vgabios.bin
cpu: {cpu}ips=100000000, reset_on_triple_fault=0
megs: {mem}
ata0-master: type=cdrom, path={iso}, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev={directory}/serial
port_e9_hack: enabled=1
clock: sync=none
speaker: enabled=0
sound: waveoutdrv=dummy
log: {directory}/bochs.log
panic: action=fatal
error: action=report
info: action=report
debug: action=ignore
"""

DEBUGGER = re.compile(r"\(0\)[ .]\[")  # the instruction at which it stopped
SHUTDOWN = "Shutdown port: shutdown requested"


@dataclass
class Bochs:
    """One machine; run() boots the ISO in it once."""

    iso: Path
    rom: Path = ROM
    rom_address: int = 0xCA000  # behind the VGA BIOS; 88 KiB to E0000h
    mem: int = 64
    cpu: str = None
    timeout: float = 300

    def config(self, directory):
        text = CONFIG.format(
            directory=directory,
            iso=self.iso,
            mem=self.mem,
            cpu=f"model={self.cpu}, " if self.cpu else "",
        )
        if self.rom:
            text += f"optromimage1: file={self.rom}, address={self.rom_address:#x}\n"
        return text

    def run(self):
        with tempfile.TemporaryDirectory(prefix="vmi-bochs-") as name:
            directory = Path(name)
            (directory / "config").write_text(self.config(directory))
            (directory / "rc").write_text("c\n")
            command = ["bochs", "-q", "-f", "config", "-rc", "rc"]
            status, seconds = process.run(
                command, self.timeout, directory / "stdout", cwd=directory
            )
            log = process.text(directory / "bochs.log")
            return Outcome(
                command=command,
                ended=judge(status, log),
                seconds=seconds,
                serial=process.text(directory / "serial"),
                debug=console(process.text(directory / "stdout")),
                logs={"bochs": log},
            )


def console(stdout):
    """What was written to port E9h: Bochs's standard output without its own."""
    _, _, running = stdout.partition("Next at t=0\n")
    lines = running.partition("=====")[0].splitlines()
    return "\n".join(line for line in lines if not DEBUGGER.match(line))


def judge(status, log):
    """How the run ended; Bochs's own status says nothing about the guest."""
    if status is None:
        return "timeout"
    if re.search(r"triple fault|3rd \(\d+\) exception", log, re.IGNORECASE):
        return "triple fault"
    if SHUTDOWN.lower() in log.lower():
        return "success"
    return f"bochs status {status}"
