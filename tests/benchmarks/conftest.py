"""Benchmarks print tables at the end of the run; they assert nothing about seconds."""

from __future__ import annotations

import pytest

_LINES: list[str] = []


@pytest.fixture
def report():
    """Call it with a line of the report."""
    return _LINES.append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _LINES:
        terminalreporter.section("benchmarks")
        for line in _LINES:
            terminalreporter.write_line(line)
