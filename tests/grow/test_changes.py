"""What a folder's changes are. Content decides."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ragtree.errors import NothingToIndexError
from ragtree.grow.changes import Changes, find_changes
from ragtree.settings import LoadSettings
from ragtree.store.catalog import DocumentRecord
from ragtree.types import Progress


def known_of(changes: Changes) -> dict[str, DocumentRecord]:
    return {stored.record.id: stored.record for stored in changes.documents}


def changes_of(folder: Path, known: dict[str, DocumentRecord]) -> Changes:
    return find_changes(folder, known, LoadSettings())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.md").write_text("The first text.", encoding="utf-8")
    (tmp_path / "sub" / "b.txt").write_text("The second text.", encoding="utf-8")
    return tmp_path


def rewrite(path: Path, text: str) -> None:
    """Write, and make sure that the time says so on any file system."""
    path.write_text(text, encoding="utf-8")
    time = path.stat().st_mtime_ns + 5_000_000_000
    os.utime(path, ns=(time, time))


def test_files_of_a_new_folder_are_added(folder: Path) -> None:
    changes = changes_of(folder, {})
    assert [stored.document.id for stored in changes.added] == ["a.md", "sub/b.txt"]
    assert changes.added[1].document.text == "The second text."
    assert {stored.record.origin for stored in changes.added} == {"folder"}
    assert changes


def test_nothing_is_read_where_nothing_changed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = known_of(changes_of(folder, {}))

    def fail(*_: object) -> bytes:
        raise AssertionError("a file was read")

    monkeypatch.setattr("ragtree.grow.changes.read_bytes", fail)
    changes = changes_of(folder, known)
    assert not changes
    assert changes.unchanged == 2


def test_a_file_with_another_text_is_changed(folder: Path) -> None:
    known = known_of(changes_of(folder, {}))
    rewrite(folder / "a.md", "Another text.")
    changes = changes_of(folder, known)
    assert [stored.document.text for stored in changes.changed] == ["Another text."]
    assert (changes.added, changes.removed, changes.unchanged) == ((), (), 1)


def test_a_file_of_the_same_length_is_changed_when_its_time_is(folder: Path) -> None:
    known = known_of(changes_of(folder, {}))
    rewrite(folder / "a.md", "The other text.")
    assert len(changes_of(folder, known).changed) == 1


def test_a_file_written_again_is_touched_and_not_changed(folder: Path) -> None:
    known = known_of(changes_of(folder, {}))
    rewrite(folder / "a.md", "The first text.")
    changes = changes_of(folder, known)
    assert not changes
    assert [record.id for record in changes.touched] == ["a.md"]
    assert changes.touched[0].modified == (folder / "a.md").stat().st_mtime_ns != known["a.md"].modified
    assert changes.unchanged == 2


def test_a_file_that_is_gone_is_removed(folder: Path) -> None:
    known = known_of(changes_of(folder, {}))
    (folder / "a.md").unlink()
    changes = changes_of(folder, known)
    assert changes.removed == ("a.md",) == tuple(changes.gone)


def test_a_file_under_another_name_is_renamed(folder: Path) -> None:
    known = known_of(changes_of(folder, {}))
    (folder / "a.md").rename(folder / "sub" / "c.md")
    changes = changes_of(folder, known)
    assert [(old, stored.document.id) for old, stored in changes.renamed] == [("a.md", "sub/c.md")]
    assert (changes.added, changes.removed) == ((), ())
    assert changes.gone == ["a.md"]


def test_a_copy_is_added_and_one_original_gives_one_rename(folder: Path) -> None:
    known = known_of(changes_of(folder, {}))
    text = (folder / "a.md").read_text(encoding="utf-8")
    (folder / "copy.md").write_text(text, encoding="utf-8")
    assert [stored.document.id for stored in changes_of(folder, known).added] == ["copy.md"]
    (folder / "second.md").write_text(text, encoding="utf-8")
    (folder / "a.md").unlink()
    changes = changes_of(folder, known)
    assert (len(changes.renamed), len(changes.added)) == (1, 1)


def test_an_unreadable_file_is_skipped_and_its_earlier_version_stays(folder: Path) -> None:
    known = known_of(changes_of(folder, {}))
    (folder / "a.md").rename(folder / "a.pdf")
    pdf = DocumentRecord("a.pdf", "0" * 64, "folder", 1, 1)
    changes = changes_of(folder, {"a.pdf": pdf, "sub/b.txt": known["sub/b.txt"]})
    assert [skipped.source for skipped in changes.skipped] == ["a.pdf"]
    assert "stays in the index" in changes.skipped[0].reason
    assert changes.gone == []
    fresh = changes_of(folder, {"sub/b.txt": known["sub/b.txt"]})
    assert "stays in the index" not in fresh.skipped[0].reason


def test_documents_that_no_folder_brought_stay(folder: Path) -> None:
    memo = DocumentRecord("memo", "0" * 64, "api", 1, 0)
    assert changes_of(folder, {"memo": memo}).removed == ()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NothingToIndexError, match="nowhere"):
        changes_of(tmp_path / "nowhere", {})


def test_progress_counts_files(folder: Path) -> None:
    steps: list[Progress] = []
    find_changes(folder, {}, LoadSettings(), steps.append)
    assert [(step.done, step.total) for step in steps] == [(1, 2), (2, 2)]
