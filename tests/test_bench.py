# SPDX-License-Identifier: GPL-2.0-only
"""The benchmark: its driver's arithmetic, and the guard of ten key operations.

Under -icount the same ROM gives the same figures on every run and every host,
so one that is more than TOLERANCE above tests/bench/baseline.json is a change
of the code.  Where it is meant, `make bench bench-baseline` takes the new ones.
"""

import json
import sys

import pytest

from harness import BUILD, ROM, ROOT

sys.path.insert(0, str(ROOT / "tools"))
# pylint: disable=wrong-import-position
from vmi_bench import expect, figures, plot, report, runs

BASELINE = ROOT / "tests" / "bench" / "baseline.json"
KEYS = [f"{name} {column}" for name, column in expect.KEYS]


@pytest.fixture(scope="module", name="measured")
def fixture_measured():
    """Instructions of all keys, by `name column`."""
    machine = runs.Machine(BUILD, ROM)
    table = {}
    for column in sorted({column for _, column in expect.KEYS}):
        protect, words = runs.COLUMNS[column]
        lines = machine.boot(protect, f"brief {words}")
        for (_, name), value in figures.instructions(lines).items():
            table[f"{name} {column}"] = value
    return table


@pytest.mark.xdist_group("bench")
@pytest.mark.parametrize("key", KEYS)
def test_no_dearer_than_the_baseline(key, measured):
    baseline = json.loads(BASELINE.read_text(encoding="utf-8"))
    limit = baseline[key] * (1 + expect.TOLERANCE)
    assert measured[key] <= limit, (
        f"{key}: {measured[key]:.1f} instructions, baseline {baseline[key]}; "
        "if that is meant: make bench bench-baseline"
    )


def test_baseline_has_just_the_keys():
    assert sorted(json.loads(BASELINE.read_text(encoding="utf-8"))) == sorted(KEYS)


CALIBRATION = """\
bench: calibrate pair units=200 pairs=200 loops=0 extra=0 ticks=1000,1000
bench: calibrate loop units=10000 pairs=1 loops=10000 extra=0 ticks=20005,20005
"""


def lines_of(text):
    return runs.Lines(CALIBRATION + text, "")


def test_overhead_is_taken_off():
    lines = lines_of("bench: g op units=100 pairs=1 loops=100 extra=3 ticks=9999,1005\n")
    assert figures.instructions(lines)["g", "op"] == pytest.approx(5)


def test_nanoseconds_follow_the_clock():
    text = "bench: clock hz=2000000000\n"
    text += "bench: g op units=10 pairs=0 loops=0 extra=0 ticks=20,40,60\n"
    assert figures.nanoseconds(lines_of(text))["g", "op"] == pytest.approx((2, 1.5, 2.5, 3))


def test_what_is_absent_has_no_figure():
    lines = lines_of("bench: g op absent=call\n")
    assert figures.instructions(lines)["g", "op"] == "call"


def test_two_runs_are_compared_line_by_line():
    line = "bench: g op units=1 pairs=0 loops=0 extra=0 ticks=7,{}\n"
    first, second = lines_of(line.format(7)), lines_of(line.format(8))
    assert figures.differences(first, first) == []
    assert figures.differences(first, second) == [("g", "op")]


def columns_of(**figures_by_column):
    return {
        name.replace("_", "-"): {"instructions": value}
        for name, value in figures_by_column.items()
    }


@pytest.mark.parametrize(
    "name, group, columns, met",
    [
        ("disable-enable", "irq", columns_of(native=6, segment=4), True),
        ("disable-enable", "irq", columns_of(native=6, segment=5), False),
        ("disable-enable", "irq", columns_of(native=6, segment="call"), False),
        ("int80", "ring", columns_of(native=2, segment=2), True),
        ("int80", "ring", columns_of(native=2, segment=12), False),
        ("ping-pong", "macro", columns_of(native=100, segment=125, segment_unpatched=500), True),
        ("ping-pong", "macro", columns_of(native=100, segment=126, segment_unpatched=500), False),
        ("ping-pong", "macro", columns_of(native=100, segment=120, segment_unpatched=110), False),
    ],
)
def test_targets_are_judged(name, group, columns, met):
    assert expect.judge(name, group, columns)[1] is met


def test_what_has_no_target_is_not_judged():
    assert expect.judge("get-cr3", "cpu", columns_of(native=1, segment=1)) is None


DATA = {
    "emulator": "an emulator",
    "host": "a host",
    "operations": {
        "disable-enable": {
            "group": "irq",
            "columns": {
                **columns_of(native=6.0, segment=4.04, segment_unpatched="silent"),
                "paged": {
                    "instructions": 4,
                    "ns": {"median": 10, "quartile1": 9, "quartile3": 13, "rounds": 9},
                },
            },
            "target": "<= 4",
            "met": False,
        }
    },
    "agreement": ["native: two runs agree"],
    "growth": {"call sites": {"segment": {"10": 5.5, "100": 5.25}}},
}


def test_the_report_marks_what_is_missed():
    text = report.everything(DATA)
    assert "<= 4 MISSED" in text and "silent" in text and "4 (10±2)" in text
    assert "targets: 0 of 1 met\nmissed: disable-enable\n" in text


def test_readme_gets_the_table_between_its_markers(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n", encoding="utf-8")
    report.update_readme(readme, DATA)
    text = readme.read_text(encoding="utf-8")
    assert text.startswith("before\n") and text.endswith("\nafter\n") and "old" not in text
    assert "| interrupts off and on | 6 | silent | 4 |" in text


def test_readme_without_markers_is_refused(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("nothing\n", encoding="utf-8")
    with pytest.raises(ValueError):
        report.update_readme(readme, DATA)


def test_growth_is_drawn(tmp_path):
    path = tmp_path / "growth.svg"
    plot.draw(DATA["growth"], path)
    assert "</svg>" in path.read_text(encoding="utf-8")
