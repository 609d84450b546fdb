# SPDX-License-Identifier: GPL-2.0-only
"""vmi-linux: one run of a guest with the ROM, watched from outside.

Nothing of it needs the guest's help: the counters are read from the monitor's
memory when the guest has ended.  Reading order: machine, counters, report.
"""
