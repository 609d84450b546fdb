# SPDX-License-Identifier: GPL-2.0-only
"""What the figures should be, what others have, and what the words mean.

Instructions of the paravirtual kernel in segment mode, unless said otherwise.
"""

# name: (column, limit)
TARGETS = {
    "disable-enable": ("segment", 4),
    "iret-kernel": ("segment", 12),
    "iret-user": ("segment", 12),
    "null-call": ("segment", 60),
    "set-alarm": ("segment", 150),
    "outb": ("segment", 40),
    "cli-raw": ("segment-unpatched", 150),
    "outb-raw": ("segment-unpatched", 150),
    "inb-raw": ("segment-unpatched", 150),
    "interrupt-latency": ("segment", 200),
    "set-pte-map": ("segment", 20),
    "set-pte-512-deferred": ("segment", 60),
    "set-pte-change-inval": ("segment", 250),
    "fault-kernel": ("segment", 200),
    "fault-user": ("segment", 200),
    "first-touch": ("segment", 400),
    "set-cr3-live": ("segment", 250),
    "context-switch-deferred": ("segment", 450),
}

EQUAL_TO_NATIVE = {"int80"}

# Workloads: at most this much of native, and never more than unpatched.
MACRO_RATIO = 1.25

# Xen's 32-bit interface on the same emulator: instructions (ns); measured
# elsewhere, with other programs: (4.2.5 x86_32, 4.17.7 32-bit guest)
PEERS = {
    "null-call": ((99, 543), (308, 455)),
    "disable-enable": ((2, 0.8), (2, 0.9)),
    "cli-raw": ((326, 713), (981, 1350)),
    "set-pte-change": ((633, 1140), (793, 1140)),
    "set-pte-change-inval": ((679, 1382), (859, 1519)),
    "set-pte-32": ((532, 421), (527, 473)),
    "set-pte-32-deferred": ((645, 622), (695, 773)),
    "inval-page": ((292, 873), (652, 1239)),
    "flush-tlb": ((309, 5855), (662, 7858)),
    "set-cr3-live": ((326, 6322), (1004, 9480)),
    "iret-kernel": ((158, 564), (359, 526)),
    "update-kernel-stack": ((104, 529), (285, 458)),
    "set-alarm": ((419, 1098), (590, 901)),
    "write-gdt-entry": ((424, 1096), (597, 922)),
    "fault-kernel": ((237, 979), (455, 991)),
    "int80": ((2, 222), (281, 520)),
    "inb-raw": ((563, 26355), (1719, 27585)),
}

# The guard of `make test`: operation and column.
KEYS = [
    ("disable-enable", "segment"),
    ("iret-kernel", "segment"),
    ("int80", "segment"),
    ("null-call", "segment"),
    ("outb", "segment"),
    ("cli-raw", "segment-unpatched"),
    ("interrupt-latency", "segment"),
    ("set-pte-change-inval", "segment"),
    ("fault-kernel", "segment"),
    ("first-touch", "segment"),
]
TOLERANCE = 0.05

# README's table, with words for a reader who does not know the names.
HEADLINES = {
    "disable-enable": "interrupts off and on",
    "iret-kernel": "return from an interrupt",
    "int80": "system call and back",
    "null-call": "smallest monitor call",
    "outb": "port output",
    "interrupt-latency": "device interrupt, to the handler",
    "set-pte-change-inval": "change a live page-table entry and flush it",
    "fault-kernel": "page fault, to the kernel's handler and back",
    "context-switch-deferred": "context switch",
    "fork-exit": "workload: fork, copy on write, exit",
    "ping-pong": "workload: a word through a pipe and back",
    "ping-pong-pages": "workload: a page through a pipe and back",
    "syscall-loop": "workload: system calls",
}


def judge(name, group, columns):
    """None if nothing is asked, else (words, whether it is met)."""

    def value(column):
        figure = columns.get(column, {}).get("instructions")
        return figure if isinstance(figure, (int, float)) else None

    ours, native, unpatched = value("segment"), value("native"), value("segment-unpatched")
    if name in TARGETS:
        column, limit = TARGETS[name]
        got = value(column)
        return f"<= {limit}", got is not None and round(got, 1) <= limit
    if None in (ours, native):
        return None
    if name in EQUAL_TO_NATIVE:
        return "= native", round(ours, 1) <= round(native, 1)
    if group == "macro":
        met = ours <= MACRO_RATIO * native and (unpatched is None or ours <= unpatched)
        return f"<= {MACRO_RATIO} native", met
    return None
