# SPDX-License-Identifier: GPL-2.0-only
"""The tables: on the terminal, and in README."""

from .expect import HEADLINES, PEERS
from .figures import plain

NAME = 25
ABSENT = {"silent": "silent", "call": "-", "native": "-", "unpatched": "-"}
BEGIN, END = "<!-- bench: begin (make bench-readme) -->", "<!-- bench: end -->"


def cell(column):
    """Instructions, and the host's nanoseconds with their spread."""
    if column is None:
        return "-"
    figure = column["instructions"]
    if isinstance(figure, str):
        return ABSENT.get(figure, figure)
    text = plain(figure)
    ns = column.get("ns")
    if ns:
        spread = (ns["quartile3"] - ns["quartile1"]) / 2
        text += f" ({plain(ns['median'])}±{plain(spread)})"
    return text


def peer(name):
    if name not in PEERS:
        return ""
    (old, old_ns), (new, new_ns) = PEERS[name]
    return f"{old} ({old_ns}); {new} ({new_ns})"


def row(cells, widths):
    return "  ".join(f"{text:<{width}}" for text, width in zip(cells, widths)).rstrip()


def grid(head, rows):
    widths = [max(len(line[i]) for line in [head, *rows]) for i in range(len(head))]
    return [row(head, widths), row(["-" * width for width in widths], widths)] + [
        row(line, widths) for line in rows
    ]


def operations(data):
    """One table for each protection mode."""
    text = []
    for mode in ("segment", "paged"):
        head = ["operation", "native", "unpatched", "paravirtual"]
        head += ["target", "Xen 4.2.5; 4.17.7 (elsewhere)"] if mode == "segment" else []
        rows = []
        for name, entry in data["operations"].items():
            columns = entry["columns"]
            cells = [cell(columns.get(key)) for key in ("native", f"{mode}-unpatched", mode)]
            if entry["group"] == "macro":
                cells[1:] = [ratio(columns, key) + text for key, text in zip(keys_of(mode), cells[1:])]
            if mode == "segment":
                cells += [target(entry), peer(name)]
            rows.append([name, *cells])
        text += ["", f"{mode} mode: guest instructions (host ns: median±half the interquartile range)"]
        text += grid(head, rows)
    return text


def keys_of(mode):
    return (f"{mode}-unpatched", mode)


def ratio(columns, key):
    """To native, of a workload."""
    native = columns.get("native", {}).get("instructions")
    ours = columns.get(key, {}).get("instructions")
    if not all(isinstance(value, (int, float)) for value in (native, ours)):
        return ""
    return f"{ours / native:.2f}x "


def target(entry):
    if "target" not in entry:
        return ""
    return f"{entry['target']} {'met' if entry['met'] else 'MISSED'}"


def growth(data):
    text = []
    for name, series in data.get("growth", {}).items():
        points = sorted({int(x) for column in series.values() for x in column})
        head = [name] + [str(x) for x in points]
        rows = [
            [column] + [plain(values[str(x)]) if str(x) in values else "-" for x in points]
            for column, values in series.items()
        ]
        text += ["", f"growth: instructions for each, by {name}"] + grid(head, rows)
    return text


def idle(data):
    """Percents of a processor, and the ratio to the native guest."""
    if "idle" not in data:
        return []
    guests = list(next(iter(data["idle"].values())))
    rows = [
        [kind] + [f"{shares[guest]:.2f} % ({shares[guest] / shares['native']:.2f}x)" for guest in guests]
        for kind, shares in data["idle"].items()
    ]
    return ["", "idle: the host's processor time"] + grid(["waiting for", *guests], rows)


def facts(data):
    text = []
    for title in ("capacity", "size", "startup", "padding"):
        if title in data:
            text += ["", f"{title}:"]
            text += [f"  {key:<40} {value}" for key, value in data[title].items()]
    return text


def everything(data):
    text = [f"{data['emulator']}; host: {data['host']}"]
    text += operations(data) + growth(data) + facts(data) + idle(data)
    text += ["", *data["agreement"]]
    missed = [name for name, entry in data["operations"].items() if entry.get("met") is False]
    asked = [name for name, entry in data["operations"].items() if "target" in entry]
    text.append(f"targets: {len(asked) - len(missed)} of {len(asked)} met")
    if missed:
        text.append("missed: " + ", ".join(missed))
    return "\n".join(text) + "\n"


def readme_table(data):
    """Between the markers in README: instructions, segment mode."""
    lines = [BEGIN, "| instructions for | native | unpatched | paravirtual |", "|---|---|---|---|"]
    for name, words in HEADLINES.items():
        columns = data["operations"].get(name, {}).get("columns", {})
        figures = []
        for key in ("native", "segment-unpatched", "segment"):
            figure = columns.get(key, {}).get("instructions", "call")
            figures.append(ABSENT[figure] if isinstance(figure, str) else plain(figure))
        lines.append(f"| {words} | " + " | ".join(figures) + " |")
    return "\n".join(lines + [END])


def update_readme(path, data):
    text = path.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError(f"{path}: want one `{BEGIN}` and one `{END}`")
    before, rest = text.split(BEGIN)
    path.write_text(before + readme_table(data) + rest.split(END)[1], encoding="utf-8")
