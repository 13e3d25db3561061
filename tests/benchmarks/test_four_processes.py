"""Four processes and one Chroma server: one syncs without end, three ask and check every answer.

Then the same where the one that syncs is killed again and again, and another goes on.

Wrong is a passage that is in no state of the index between the question and its answer, a document half seen (passages
of two versions), and a summary whose leaves are gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sharing import opened, served, share

QUERIES = 2000
READERS = 3


@pytest.mark.parametrize("killed", [False, True])
def test_no_wrong_answer(killed: bool, tmp_path: Path, report: Callable[[str], None]) -> None:
    (tmp_path / "folder").mkdir()
    index = tmp_path / "index"
    started = time.monotonic()
    with served(tmp_path / "folder", index) as url:
        outcome = share(index, url, tmp_path / "log", READERS, QUERIES, 10_000, killed)
        with opened(index, url) as tree:
            tree.add([])
            assert tree.verify() == []
    p50, p99 = 1000 * np.percentile(outcome.seconds, (50, 99))
    what = "the one that syncs killed in its first or second, " if killed else ""
    report(
        f"{what}{1 + READERS} processes: {outcome.queries} queries while {outcome.syncs} syncs ran, {outcome.between} "
        f"of them while one was being made; {len(outcome.wrong)} wrong answers; p50 {p50:.0f} ms, p99 {p99:.0f} ms; "
        f"{time.monotonic() - started:.0f} s"
    )
    assert outcome.wrong == []
    assert outcome.queries >= QUERIES
