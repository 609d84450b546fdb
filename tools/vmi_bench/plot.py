# SPDX-License-Identifier: GPL-2.0-only
"""build/bench.svg: how costs grow, drawn by gnuplot."""

import subprocess

TITLES = {
    "page-table updates": "one page-table update, in a batch of",
    "address spaces": "switch to a space and touch it, of",
    "memory, MiB": "first use of a page, MiB of RAM",
    "call sites": "patching a site, of",
}


def script(series, path):
    """Gnuplot's commands: a plot for each kind of growth."""
    rows = (len(series) + 1) // 2
    lines = [
        "set terminal svg size 900," + str(340 * rows) + " background '#ffffff'",
        f"set output '{path}'",
        f"set multiplot layout {rows},2",
        "set logscale x 2",
        "set yrange [0:*]",
        "set key top left",
        "set ylabel 'guest instructions'",
        "set grid",
    ]
    for number, (name, columns) in enumerate(series.items()):
        plots = []
        for index, (column, values) in enumerate(columns.items()):
            block = f"$d{number}_{index}"
            lines.append(f"{block} << EOD")
            lines += [f"{x} {values[x]}" for x in sorted(values, key=int)]
            lines.append("EOD")
            plots.append(f"{block} using 1:2 with linespoints title '{column}'")
        points = sorted({int(x) for values in columns.values() for x in values})
        lines.append("set xtics (" + ",".join(map(str, points)) + ")")
        lines.append(f"set title '{TITLES.get(name, name)}'")
        lines.append("plot " + ", ".join(plots))
    return "\n".join(lines + ["unset multiplot", ""])


def draw(series, path):
    subprocess.run(["gnuplot"], input=script(series, path), text=True, check=True)
