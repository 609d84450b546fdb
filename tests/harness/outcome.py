# SPDX-License-Identifier: GPL-2.0-only
"""What one run of a machine leaves behind, and how it is judged."""

import re
from dataclasses import dataclass, field

TAIL_LINES = 25

# The line that POST prints, the one place where its form is known to the tests.
POST_LINE = re.compile(
    r"^vmi: version (?P<version>\d+\.\d+) rom (?P<rom>[0-9a-f]+) "
    r"monitor (?P<first>[0-9a-f]+)-(?P<last>[0-9a-f]+) "
    r"protect (?P<protect>segment|paged)\b.*$",
    re.MULTILINE,
)

RESULT_LINE = re.compile(r"^RESULT: (\d+) passed, (\d+) failed\s*$", re.MULTILINE)
FAIL_LINE = re.compile(r"^FAIL: .*$", re.MULTILINE)

# guest/runtime/platform.c: what came of looking for the ROM, and why
PLATFORM_VMI = re.compile(r"^platform: vmi, cpl 1\b", re.MULTILINE)
PLATFORM_NATIVE = re.compile(r"^platform: native, cpl 0 \((?P<reason>.+)\)\s*$", re.MULTILINE)

DEMO_NATIVE = "demo: ok (native, cpl 0, 0 sites patched)"
DEMO_VMI = re.compile(r"^demo: ok \(vmi, cpl 1, ([1-9]\d*) sites patched\)$")


@dataclass
class Outcome:
    """One finished run.

    ended names how it ended: "success" (the guest said so), "failure" (it
    said otherwise), "timeout", "triple fault", or what the machine died of.
    """

    command: list
    ended: str
    seconds: float
    serial: str
    debug: str
    logs: dict = field(default_factory=dict)

    def tail(self):
        """The ends of all logs, for the message of a failed test."""
        parts = [f"ended: {self.ended} after {self.seconds:.1f} s", " ".join(self.command)]
        for name, text in {"serial": self.serial, "debug console": self.debug, **self.logs}.items():
            lines = text.splitlines()[-TAIL_LINES:]
            parts.append(f"--- {name}: " + ("" if lines else "(empty)"))
            parts += lines
        return "\n".join(parts)

    def last_line(self):
        lines = [line for line in self.serial.splitlines() if line.strip()]
        return lines[-1].strip() if lines else ""

    def check(self, condition, what):
        """Fail with the logs unless the condition holds."""
        __tracebackhide__ = True
        assert condition, f"{what}\n{self.tail()}"

    def check_success(self):
        __tracebackhide__ = True
        self.check(self.ended == "success", f"the run ended in {self.ended}")

    def check_report(self):
        """An in-guest test passed: it reported, all of it good, and ended well."""
        __tracebackhide__ = True
        results = RESULT_LINE.findall(self.serial)
        self.check(len(results) == 1, f"{len(results)} RESULT lines, want 1")
        passed, failed = map(int, results[0])
        bad = FAIL_LINE.findall(self.serial)
        self.check(failed == 0 and not bad, "\n".join(bad) or f"{failed} failed")
        self.check(passed > 0, "the test reported nothing")
        self.check_success()

    def check_native_demo(self):
        __tracebackhide__ = True
        self.check(self.last_line() == DEMO_NATIVE, f"want as last line: {DEMO_NATIVE}")
        self.check_success()

    def check_vmi_demo(self):
        __tracebackhide__ = True
        self.check(DEMO_VMI.match(self.last_line()), f"want as last line: {DEMO_VMI.pattern}")
        self.check_success()

    def check_fallback(self, reason):
        """The demonstration ran natively, and said why in words like reason."""
        __tracebackhide__ = True
        self.check_native_demo()
        said = PLATFORM_NATIVE.findall(self.serial)
        self.check(len(said) == 1, f"{len(said)} lines of reason, want 1")
        self.check(re.search(reason, said[0]), f"reason `{said[0]}`, want one like `{reason}`")

    def check_platform(self, vmi):
        """A guest ran where it was meant to: a fallback proves nothing."""
        __tracebackhide__ = True
        found = re.findall(r"^platform: .*", self.serial, re.MULTILINE)
        self.check(
            bool(PLATFORM_VMI.search(self.serial)) == vmi,
            f"want {'the monitor' if vmi else 'bare hardware'}, got {found}",
        )

    def post_line(self):
        """The match of the one line that POST prints."""
        found = list(POST_LINE.finditer(self.debug))
        self.check(len(found) == 1, f"{len(found)} POST lines, want 1")
        return found[0]
