"""A journal keeps what was found, and forgives a crash."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragtree.errors import DatasetError
from ragtree.evaluate.records import Journal, Record, TreeRecord, VerdictRecord

RECORD = Record(cell="as set", question="q1", values={"F1": 0.25}, ranking=("a", "b"), answer="ja ™", refused=False)
TREE = TreeRecord(tree="t", unit="u", nodes=3, tokens=40, embedded=4, summarized=1, seconds=0.5)
VERDICT = VerdictRecord(first="x", second="y", question="q1", score=0.5, unread=1)


def test_what_was_kept_is_read_back(tmp_path: Path) -> None:
    with Journal(tmp_path / "records.jsonl") as journal:
        for entry in (RECORD, TREE, VERDICT):
            journal.add(entry)
    with Journal(tmp_path / "records.jsonl") as journal:
        assert journal.kept.records == {("as set", "q1"): RECORD}
        assert journal.kept.trees == {("t", "u"): TREE}
        assert journal.kept.verdicts == {("x", "y", "q1"): VERDICT}


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_line_that_a_crash_cut_short_is_dropped_and_the_next_takes_its_place(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "records.jsonl"
    with Journal(path) as journal:
        journal.add(RECORD)
        journal.add(RECORD.model_copy(update={"question": "q2"}))
    path.write_bytes(path.read_bytes()[:-cut])
    with Journal(path) as journal:
        assert set(journal.kept.records) == {("as set", "q1")}
        journal.add(RECORD.model_copy(update={"question": "q3"}))
    with Journal(path) as journal:
        assert set(journal.kept.records) == {("as set", "q1"), ("as set", "q3")}


@pytest.mark.parametrize("line", ["{}", "[]", '{"record": {"cell": 3}}', '{"pickle": {}}', "not json"])
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "records.jsonl"
    with Journal(path) as journal:
        journal.add(RECORD)
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"records\.jsonl, line 2: it is no record"), Journal(path):
        pass
