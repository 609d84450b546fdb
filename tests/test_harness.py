# SPDX-License-Identifier: GPL-2.0-only
"""The harness itself: what must not pass does not pass, in either machine."""

import subprocess

import pytest

from harness.bochs import Bochs
from harness.environments import FIELD
from harness.iso import make_iso
from harness.outcome import Outcome
from harness.qemu import Qemu

# A multiboot kernel that prints TEXT, lets the UART drain, and ends as ENDING
# says.  The header's address fields make a flat binary bootable.
KERNEL = """
	bits 32
	org 100000h
header:	dd 1BADB002h, 10000h, -1BADB002h - 10000h
	dd header, header, 0, 0, start
start:	mov dx, 3FBh
	mov al, 3
	out dx, al
	mov esi, text
.next:	mov dx, 3FDh
.wait:	in al, dx
	test al, 40h
	jz .wait
	lodsb
	test al, al
	jz .ending
	mov dx, 3F8h
	out dx, al
	jmp .next
.ending:
%if ENDING == 0				; reports success to either machine
	out 0F4h, al
	mov dx, 8900h
	mov esi, word_
	mov ecx, 8
	rep outsb
%elif ENDING == 1			; triple fault
	lidt [none]
	int3
%elif ENDING == 2			; reports failure (QEMU only)
	mov al, 1
	out 0F4h, al
%endif
	jmp $
none:	dw 0
	dd 0
word_:	db "Shutdown"
text:	db TEXT, 0
"""

SUCCESS, TRIPLE_FAULT, FAILURE, HANG = range(4)
GOOD = "'RESULT: 2 passed, 0 failed', 10"


@pytest.fixture(name="kernel")
def make_kernel(tmp_path):
    """A function that assembles a kernel from its text and its ending."""

    def make(text, ending):
        source, image = tmp_path / "kernel.asm", tmp_path / "kernel.bin"
        source.write_text(KERNEL)
        command = ["nasm", "-f", "bin", f"-DENDING={ending}", f"-DTEXT={text}"]
        subprocess.run([*command, "-o", image, source], check=True)
        return image

    return make


@pytest.fixture(name="boot", params=["qemu", "bochs"])
def make_boot(request, kernel, tmp_path):
    """A function that runs such a kernel natively in one of the machines."""

    def boot(text, ending, timeout=60):
        image = kernel(text, ending)
        if request.param == "qemu":
            return Qemu(kernel=image, rom=None, timeout=timeout).run()
        iso = make_iso(image, tmp_path / "kernel.iso")
        return Bochs(iso=iso, rom=None, timeout=timeout).run()

    return boot


def test_good_report(boot):
    boot(GOOD, SUCCESS).check_report()


def rejected(outcome):
    with pytest.raises(AssertionError) as failure:
        outcome.check_report()
    return str(failure.value)


def test_triple_fault(boot):
    outcome = boot(GOOD, TRIPLE_FAULT)
    assert outcome.ended == "triple fault"
    assert "RESULT: 2 passed" in rejected(outcome), "the message shows no log"


def test_hang(boot):
    outcome = boot(GOOD, HANG, timeout=5)
    assert outcome.ended == "timeout"
    rejected(outcome)


def test_silence(boot):
    rejected(boot("'hello', 10", SUCCESS))


def test_bad_status(kernel):
    outcome = Qemu(kernel=kernel(GOOD, FAILURE), rom=None).run()
    assert outcome.ended.startswith("failure")
    rejected(outcome)


def test_qemu_does_not_start(tmp_path):
    """QEMU's own status is 1 then, which a guest's success makes as well."""
    outcome = Qemu(kernel=tmp_path / "nothing", rom=None).run()
    assert outcome.ended == "qemu did not start the guest"


@pytest.mark.parametrize(
    "serial",
    [
        "",
        "RESULT: 0 passed, 0 failed\n",
        "RESULT: 3 passed, 1 failed\n",
        "FAIL: this\nRESULT: 3 passed, 0 failed\n",
        "RESULT: 3 passed, 0 failed\nRESULT: 3 passed, 0 failed\n",
    ],
)
def test_bad_reports(serial):
    rejected(Outcome(["qemu"], "success", 1.0, serial, ""))


def test_fallback_is_noticed():
    """A test that was to run under the monitor and did not proves nothing."""
    native = Outcome(["qemu"], "success", 1.0, "platform: native, cpl 0 (no ROM)\n", "")
    native.check_platform(vmi=False)
    with pytest.raises(AssertionError):
        native.check_platform(vmi=True)


def test_fields():
    head = "/*\n * Purpose: x.\n * Environments: native paged\n * Qemu: -icount shift=0\n */\n"
    assert dict(FIELD.findall(head)) == {
        "Environments": "native paged",
        "Qemu": "-icount shift=0",
    }
