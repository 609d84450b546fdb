# SPDX-License-Identifier: GPL-2.0-only
"""The benchmark's driver: runs.py boots build/bench.elf, figures.py makes
figures of its lines, expect.py says what they should be and what others have,
report.py shows them, plot.py draws how they grow."""
