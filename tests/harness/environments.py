# SPDX-License-Identifier: GPL-2.0-only
"""Which machines an in-guest test runs in, as the head of its source says.

tests/guest/<name>/<name>.c opens with a comment that may hold these lines:

    Environments: native segment paged bochs    (default: native segment paged)
    Variants: paging=off paging=pae             each is a run of its own, the
                                                word on the kernel's command line
    Command line: words                         for every run
    Qemu: -icount shift=0,sleep=off             more arguments for QEMU
    Timeout: 300                                seconds, for QEMU (default: 120)

A field `Environments:` without a word means that test_guest.py does not run the
test: a pytest file of its own does.  docs/testing.md explains all of this.

TCG does not check segment limits, so `segment` proves function only there;
`bochs` is where limits hold (docs/architecture.md).  Bochs has no fw_cfg:
`bochs-paged` takes a ROM built for paged mode.  `segment-checked` and
`paged-checked` take the ROM that has all assertions compiled in (make check-build).
"""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from . import BUILD, ROM_CHECK, ROM_PAGED, ROOT
from .bochs import Bochs
from .iso import iso_of
from .qemu import Qemu

SOURCES = ROOT / "tests" / "guest"
DEFAULT = "native segment paged"
NATIVE = {"native", "bochs-native"}
CHECKED = "-checked"
PROTECT = {
    "segment": "segment", "paged": "paged", "bochs": "segment", "bochs-paged": "paged",
    "segment-checked": "segment", "paged-checked": "paged",
}  # fmt: skip
ENVIRONMENTS = NATIVE | {"auto"} | set(PROTECT)
FIELD = re.compile(
    r"^[ \t/*;]*(Environments|Variants|Command line|Qemu|Timeout):[ \t]*(.*?)[ \t]*(?:\*/)?$",
    re.MULTILINE,
)
HEAD = 4096  # bytes of a source in which the fields are looked for


@dataclass
class GuestCase:
    """One in-guest test in one environment, perhaps with a variant's word."""

    test: str
    environment: str
    variant: str
    fields: dict

    @property
    def name(self):
        where = self.environment + (f"-{self.variant}" if self.variant else "")
        return f"{self.test}-{where}"

    @property
    def command_line(self):
        return " ".join(filter(None, [self.fields.get("Command line"), self.variant]))

    def run(self):
        """Boot the test and check its report."""
        kernel = BUILD / "tests" / f"{self.test}.elf"
        if self.environment.startswith("bochs"):
            outcome = self.run_bochs(kernel)
        else:
            outcome = self.run_qemu(kernel)
        outcome.check_report()
        outcome.check_platform(vmi=self.environment not in NATIVE)
        if self.environment not in NATIVE:
            protect = outcome.post_line()["protect"]
            wanted = PROTECT.get(self.environment, protect)
            outcome.check(protect == wanted, f"protection {protect}")
        return outcome

    def run_qemu(self, kernel):
        machine = Qemu(
            kernel=kernel,
            append=self.command_line,
            extra=shlex.split(self.fields.get("Qemu", "")),
            timeout=float(self.fields.get("Timeout", Qemu.timeout)),
        )
        if self.environment == "native":
            machine.rom = None
        else:
            machine.protect = self.environment.removesuffix(CHECKED)
        if self.environment.endswith(CHECKED):
            machine.rom = ROM_CHECK
        return machine.run()

    def run_bochs(self, kernel):
        machine = Bochs(iso=iso_of(kernel, self.command_line))
        if self.environment == "bochs-native":
            machine.rom = None
        elif self.environment == "bochs-paged":
            machine.rom = ROM_PAGED
        return machine.run()


def read_fields(source):
    """The fields in the head of one test's source."""
    return dict(FIELD.findall(source.read_text(encoding="utf-8")[:HEAD]))


def cases_of(directory):
    """All runs of the test in one directory."""
    fields = read_fields(Path(directory) / f"{directory.name}.c")
    environments = fields.get("Environments", DEFAULT).split()
    unknown = set(environments) - ENVIRONMENTS
    if unknown:
        raise ValueError(f"{directory}: environments {unknown}, known are {ENVIRONMENTS}")
    variants = fields.get("Variants", "").split() or [""]
    return [GuestCase(directory.name, e, v, fields) for e in environments for v in variants]


def discover():
    """All runs of all in-guest tests, in the order of their names."""
    directories = sorted(path for path in SOURCES.iterdir() if path.is_dir())
    return [case for directory in directories for case in cases_of(directory)]
