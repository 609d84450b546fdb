# SPDX-License-Identifier: GPL-2.0-only
"""A bug of the monitor's own stops the machine, and says where."""

import re
import subprocess

from harness import BUILD, DEMO, process
from harness.qemu import Qemu

LIMIT = 6  # seconds: a machine that has stopped does not end by itself
# In the monitor, once it is mapped: UD2 where a function begins.
SCRIPT = """
set confirm off
add-symbol-file {monitor}
target remote | exec timeout {limit} {qemu}
hbreak init_main
continue
delete
set *(unsigned short *) {function} = 0x0b0f
continue
"""


def address_of(name):
    """Of a symbol of the monitor's."""
    lines = subprocess.run(
        ["nm", BUILD / "monitor.elf"], capture_output=True, text=True, check=True
    ).stdout
    return int(re.search(rf"^([0-9a-f]+) \w {name}$", lines, re.MULTILINE).group(1), 16)


def test_panic(tmp_path):
    qemu = Qemu(kernel=DEMO, extra=["-S", "-gdb", "stdio"]).command(tmp_path)
    script = tmp_path / "script"
    script.write_text(SCRIPT.format(
        monitor=BUILD / "monitor.elf", qemu=" ".join(qemu), function="call_dispatch", limit=LIMIT))
    status, seconds = process.run(
        ["gdb", "-q", "-nx", "-batch", "-x", script], LIMIT + 20, tmp_path / "gdb")
    said = process.text(tmp_path / "debug")
    log = said + process.text(tmp_path / "gdb")
    assert re.search(r"^vmi: monitor bug: exception in the monitor$", said, re.MULTILINE), log
    assert f"cs:eip e000:{address_of('call_dispatch'):08x}" in said, log
    assert "vector 6 " in said, log
    assert status is not None and seconds >= LIMIT, f"it ended by itself, {status}"
