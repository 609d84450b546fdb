# SPDX-License-Identifier: GPL-2.0-only
"""Pytest's side of `make test`: options, and the summary that is its last line."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
# pylint: disable=wrong-import-position
from harness import BUILD, environments

SUMMARY = BUILD / "test-summary"


def pytest_addoption(parser):
    parser.addoption(
        "--soak", type=int, default=1, metavar="N", help="run each in-guest test N times"
    )


def pytest_generate_tests(metafunc):
    """A test that takes `guest_case` runs once per in-guest test and environment."""
    if "guest_case" in metafunc.fixturenames:
        rounds = metafunc.config.getoption("soak")
        cases = environments.discover()
        metafunc.parametrize(
            "guest_case",
            cases * rounds,
            ids=[
                case.name if rounds == 1 else f"{case.name}#{number}"
                for number in range(1, rounds + 1)
                for case in cases
            ],
        )


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    """A test that did not run has not passed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and exitstatus == 0 and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter, exitstatus):
    """Leave the counts for the Makefile, which prints them last."""
    stats = terminalreporter.stats

    def count(*outcomes):
        return sum(len(stats.get(outcome, ())) for outcome in outcomes)

    failed = count("failed", "error", "skipped")
    if exitstatus != 0:
        failed = max(failed, 1)
    BUILD.mkdir(exist_ok=True)
    SUMMARY.write_text(f"{count('passed')} passed, {failed} failed\n")
