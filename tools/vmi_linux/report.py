# SPDX-License-Identifier: GPL-2.0-only
"""What a run was, in lines for the terminal."""


def lines(run, lists):
    """All of it."""
    yield "vmi-linux: VMI was %sactivated%s" % (
        "" if run.activated else "not ", ": " + run.banner if run.banner else "")
    yield "vmi-linux: the guest %s after %.1f s" % (run.how, run.seconds)
    for line in run.log.splitlines():
        yield "[log] " + line
    totals = total(run, lists)
    if totals is None:
        if run.activated:
            yield "vmi-linux: no counters: the ROM is not of this source tree, or QEMU is gone"
        return
    stats = totals[:len(lists.stats)]
    calls = totals[len(lists.stats):]
    yield from table("entries into the monitor", zip(lists.stats, stats))
    names = ["%s (%s)" % (c.name, "-" if c.number is None else c.number) for c in lists.calls]
    yield from table("calls that the monitor did, by name (3.0 number)", zip(names, calls))
    if run.traced is not None:
        full = dict(zip((c.name for c in lists.calls), names))
        yield from table("calls, whether or not they entered the monitor",
                         ((full.get(name, name), count) for name, count in run.traced.items()))


def total(run, lists):
    """The sum over the CPUs; None if the counters are not these lists'."""
    size = len(lists.stats) + len(lists.calls)
    if not run.counters or any(len(one) != size for one in run.counters):
        return None
    return [sum(column) for column in zip(*run.counters)]


def table(title, rows):
    """The counters that are not 0, the largest first."""
    used = sorted(((count, name) for name, count in rows if count), reverse=True)
    yield "vmi-linux: %s:%s" % (title, "" if used else " none")
    for count, name in used:
        yield "%12d  %s" % (count, name)
