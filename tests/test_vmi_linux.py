# SPDX-License-Identifier: GPL-2.0-only
"""tools/vmi-linux: runs a guest and tells what it used; the in-repo client stands
for a kernel of the user's."""

import re
import subprocess

from harness import BUILD, DEMO, ROM, ROOT

CLIENT = BUILD / "tests" / "linux_client.elf"
QUERIES = 4500  # as many rounds of the interrupt flag's calls the client makes


def vmi_linux(*words):
    """Exit status and output."""
    done = subprocess.run(
        [ROOT / "tools" / "vmi-linux", "--rom", ROM, *words],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
    )
    return done.returncode, done.stdout, done.stderr


def count(output, title, name):
    """A row of one of the tables, 0 if it is not there."""
    table = output[output.index(title):].split("vmi-linux:")[0]
    row = re.search(rf"^ +(\d+)  {re.escape(name)}( \(|$)", table, re.M)
    return int(row.group(1)) if row else 0


def test_a_run_to_its_end():
    status, output, _ = vmi_linux("--append", "reset", "--mem", "64", "--timeout", "60", CLIENT)
    assert status == 0, output
    assert "RESULT" not in output and "PASS: " in output and "FAIL: " not in output
    assert "vmi-linux: VMI was activated" in output
    assert "vmi-linux: the guest reset the machine after" in output
    assert "[log] vmi: guest at cpl 1" in output
    assert count(output, "calls that the monitor did", "WriteIDTEntry") == 50
    assert count(output, "calls that the monitor did", "SetTR") == 1
    assert count(output, "entries into the monitor", "call") > 50


def test_count():
    words = ["--append", "reset", "--mem", "64", "--timeout", "100", "--count", CLIENT]
    status, output, _ = vmi_linux(*words)
    assert status == 0, output
    title = "calls, whether or not they entered the monitor"
    assert count(output, title, "DisableInterrupts") >= QUERIES
    assert count(output, title, "SetInterruptMask") >= QUERIES
    assert count(output, title, "SetLinearMapping") == 65
    assert count(output, title, "SetTR") == 1


def test_native():
    status, output, _ = vmi_linux(
        "--append", "reset", "--mem", "64", "--timeout", "60", "--rom", "none", CLIENT
    )
    assert status == 1
    assert "vmi-linux: VMI was not activated" in output
    assert "vmi-linux: the guest reset the machine after" in output
    assert "calls that" not in output


def test_timeout():
    """The demonstration ends by a device that is not there."""
    status, output, _ = vmi_linux("--mem", "64", "--timeout", "3", DEMO)
    assert status == 1
    assert "vmi-linux: the guest was still running after" in output
    assert count(output, "entries into the monitor", "call") > 0


def test_wrong_usage(tmp_path):
    status, output, errors = vmi_linux(tmp_path / "absent")
    assert status == 2 and not output and "absent: no such file" in errors
    (tmp_path / "empty.rom").write_bytes(b"")
    status, output, errors = vmi_linux("--count", "--rom", tmp_path / "empty.rom", CLIENT)
    assert status == 2 and not output and "no entries" in errors
    status, _, errors = vmi_linux("--timeout", "5", CLIENT, "--", "-no-such-option")
    assert status == 2 and "ended with status 1" in errors
