"""What a folder's changes are. Content decides."""

from __future__ import annotations

import os
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ragtree import RagTree, Settings, SyncReport
from ragtree.embed.hashing import HashingEmbedder
from ragtree.errors import NothingToIndexError
from ragtree.load.parsing import read_bytes
from ragtree.settings import LoadSettings
from ragtree.types import Document, OnProgress, Progress, no_progress

LIMITS = LoadSettings()


class Index:
    """An index without a tree over its chunks, whose syncs tell what has changed."""

    def __init__(self, path: Path) -> None:
        made = Settings.model_validate(
            {"tree": {"cluster": "none"}, "embed": {"kind": "plain"}, "llm": {"model": "none"}}
        )
        self.tree = RagTree.open(path, made, embedder=HashingEmbedder())

    def sync(self, folder: Path, limits: LoadSettings = LIMITS, progress: OnProgress = no_progress) -> SyncReport:
        self.tree.settings = self.tree.settings.model_copy(update={"load": limits})
        return self.tree.sync(folder, progress)

    def texts(self) -> dict[str, str]:
        return {document.id: document.text for document in self.tree.documents()}


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    opened = Index(tmp_path / "index")
    yield opened
    opened.tree.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    top = tmp_path / "docs"
    (top / "sub").mkdir(parents=True)
    (top / "a.md").write_text("The first text.", encoding="utf-8")
    (top / "sub" / "b.txt").write_text("The second text.", encoding="utf-8")
    return top


def rewrite(path: Path, text: str) -> None:
    """Write, and make sure that the time says so on any file system."""
    path.write_text(text, encoding="utf-8")
    time = path.stat().st_mtime_ns + 5_000_000_000
    os.utime(path, ns=(time, time))


def test_files_of_a_new_folder_are_added(folder: Path, index: Index) -> None:
    changes = index.sync(folder)
    assert changes.added == ("a.md", "sub/b.txt")
    assert index.texts() == {"a.md": "The first text.", "sub/b.txt": "The second text."}


def test_nothing_is_read_where_nothing_changed(folder: Path, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    index.sync(folder)

    def fail(*_: object) -> bytes:
        raise AssertionError("a file was read")

    monkeypatch.setattr("ragtree.load.pool.read_bytes", fail)
    changes = index.sync(folder)
    assert not (changes.added or changes.changed or changes.renamed or changes.removed)
    assert changes.unchanged == 2


def test_a_file_with_another_text_is_changed(folder: Path, index: Index) -> None:
    index.sync(folder)
    rewrite(folder / "a.md", "Another text.")
    changes = index.sync(folder)
    assert changes.changed == ("a.md",)
    assert (changes.added, changes.removed, changes.unchanged) == ((), (), 1)
    assert index.texts()["a.md"] == "Another text."


def test_a_file_of_the_same_length_is_changed_when_its_time_is(folder: Path, index: Index) -> None:
    index.sync(folder)
    rewrite(folder / "a.md", "The other text.")
    assert len(index.sync(folder).changed) == 1


def test_a_file_written_again_is_not_changed_and_its_time_is_noted(
    folder: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.sync(folder)
    rewrite(folder / "a.md", "The first text.")
    monkeypatch.setattr("ragtree.load.pool.parse", None)  # the same bytes are not parsed again
    changes = index.sync(folder)
    assert not (changes.added or changes.changed or changes.renamed or changes.removed)
    assert changes.unchanged == 2


def test_a_file_that_is_gone_is_removed(folder: Path, index: Index) -> None:
    index.sync(folder)
    (folder / "a.md").unlink()
    changes = index.sync(folder)
    assert changes.removed == ("a.md",)
    assert list(index.texts()) == ["sub/b.txt"]


def test_a_file_under_another_name_is_renamed(folder: Path, index: Index) -> None:
    index.sync(folder)
    (folder / "a.md").rename(folder / "sub" / "c.md")
    changes = index.sync(folder)
    assert changes.renamed == (("a.md", "sub/c.md"),)
    assert (changes.added, changes.removed) == ((), ())
    assert index.texts() == {"sub/b.txt": "The second text.", "sub/c.md": "The first text."}


def test_a_copy_is_added_and_one_original_gives_one_rename(folder: Path, index: Index) -> None:
    index.sync(folder)
    text = (folder / "a.md").read_text(encoding="utf-8")
    (folder / "copy.md").write_text(text, encoding="utf-8")
    assert index.sync(folder).added == ("copy.md",)
    for name in ("second.md", "third.md"):
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "a.md").unlink()
    changes = index.sync(folder)
    assert (len(changes.renamed), len(changes.added)) == (1, 1)


def test_an_unreadable_file_is_skipped_and_its_earlier_version_stays(folder: Path, index: Index) -> None:
    index.sync(folder)
    (folder / "a.md").write_bytes(b"\0\1\2\3")
    changes = index.sync(folder)
    assert [skipped.source for skipped in changes.skipped] == ["a.md"]
    assert "stays in the index" in changes.skipped[0].reason
    assert changes.removed == ()
    assert index.texts()["a.md"] == "The first text."
    (folder / "new.md").write_bytes(b"\0\1\2\3")
    assert "stays in the index" not in index.sync(folder).skipped[1].reason


def test_a_refusal_is_remembered_until_the_limit_changes(
    folder: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "zeros.txt").write_bytes(b"\0" * 10)
    first = index.sync(folder)
    with monkeypatch.context() as patch:
        patch.setattr("ragtree.load.pool.read_bytes", None)
        again = index.sync(folder)
    assert first.skipped == again.skipped != ()
    opened: list[str] = []
    real = read_bytes
    monkeypatch.setattr(
        "ragtree.load.pool.read_bytes", lambda entry, limits: opened.append(entry.id) or real(entry, limits)
    )
    index.sync(folder, LoadSettings(max_pages=7))
    assert opened == ["zeros.txt"]  # what was read needs no other limits


def test_new_readers_read_everything_again_and_the_same_text_is_no_change(
    folder: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.sync(folder)
    monkeypatch.setattr("ragtree.indexing.folder_changes.VERSION", "next")
    changes = index.sync(folder)
    assert not (changes.added or changes.changed or changes.renamed or changes.removed)
    assert changes.unchanged == 2
    monkeypatch.setattr("ragtree.indexing.folder_changes.VERSION", "after that")
    monkeypatch.setattr("ragtree.load.readers.plain_text.decode", lambda data, source: data.decode().upper())
    assert index.sync(folder).changed == ("sub/b.txt",)
    assert index.texts()["sub/b.txt"] == "THE SECOND TEXT."


def test_an_index_from_before_files_were_noted_reads_them_once(folder: Path, index: Index) -> None:
    index.sync(folder)
    with index.tree._catalog.transaction() as db:
        db.execute("DELETE FROM files")
    changes = index.sync(folder)
    assert not (changes.added or changes.changed or changes.renamed or changes.removed)
    assert changes.unchanged == 2


def test_documents_of_the_application_stay_and_are_not_overwritten(folder: Path, index: Index) -> None:
    memo = Document("a.md", "The application's.")
    index.tree.add([memo])
    for _ in range(2):
        changes = index.sync(folder)
        assert [skipped.source for skipped in changes.skipped] == ["a.md"]
        assert "remove that one first" in changes.skipped[0].reason
        assert index.texts()["a.md"] == "The application's."
    index.tree.remove(["a.md"])
    index.sync(folder)
    assert index.texts()["a.md"] == "The first text."


def test_an_excluded_file_leaves_the_index(folder: Path, index: Index) -> None:
    index.sync(folder)
    (folder / ".ragtreeignore").write_text("sub/\n")
    changes = index.sync(folder)
    assert changes.removed == ("sub/b.txt",)
    assert changes.ignored == {"excluded": 1}


def test_a_large_file_of_an_unknown_kind_is_counted_and_a_known_one_is_named(folder: Path, index: Index) -> None:
    for name in ("film.mp4", "book.pdf", "backup.zip"):
        (folder / name).write_bytes(b"\0" * 2_000_000)
    changes = index.sync(folder, LoadSettings(max_megabytes=1))
    assert changes.ignored == {"large files of unknown kinds": 1}
    assert [skipped.source for skipped in changes.skipped] == ["backup.zip", "book.pdf"]


def test_members_of_an_archive_are_documents_that_come_and_go(
    folder: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = folder / "old.zip"
    write_zip(archive, {"in/x.txt": "Text x.", "y.md": "Text y.", "z.bin": "\0"})
    changes = index.sync(folder)
    assert changes.added == ("a.md", "old.zip/in/x.txt", "old.zip/y.md", "sub/b.txt")
    assert [skipped.source for skipped in changes.skipped] == ["old.zip/z.bin"]
    with monkeypatch.context() as patch:
        patch.setattr("ragtree.load.pool.read_bytes", None)  # an archive that has not changed is not opened
        again = index.sync(folder)
    assert (again.unchanged, [skipped.source for skipped in again.skipped]) == (4, ["old.zip/z.bin"])

    write_zip(archive, {"in/x.txt": "Text x, longer.", "w.md": "Text y."})
    changed = index.sync(folder)
    assert changed.changed == ("old.zip/in/x.txt",)
    assert (changed.added, changed.removed) == (("old.zip/w.md",), ("old.zip/y.md",))
    archive.write_bytes(b"PK broken")
    broken = index.sync(folder)
    assert (broken.removed, broken.unchanged, len(broken.skipped)) == ((), 2, 1)
    archive.unlink()
    assert index.sync(folder).removed == ("old.zip/in/x.txt", "old.zip/w.md")
    assert list(index.texts()) == ["a.md", "sub/b.txt"]


def write_zip(path: Path, members: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, index: Index) -> None:
    with pytest.raises(NothingToIndexError, match="nowhere"):
        index.sync(tmp_path / "nowhere")


def test_progress_counts_files(folder: Path, index: Index) -> None:
    steps: list[Progress] = []
    index.sync(folder, progress=steps.append)
    assert [(step.done, step.total) for step in steps if step.stage == "load"] == [(0, 2), (1, 2), (2, 2)]


def test_memory_does_not_grow_with_the_number_of_files(tmp_path: Path, index: Index) -> None:
    """Six times the files, each of 40 kB: their chunks, if they were held, would be some 8 MB more."""
    peaks = []
    for count in (8, 48):
        folder = tmp_path / str(count)
        folder.mkdir()
        for number in range(count):
            (folder / f"{count}-{number}.txt").write_text(f"{count} {number} " + "words and words " * 2500)
        tracemalloc.start()
        changes = index.sync(folder)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert len(changes.added) == count
    assert peaks[1] < peaks[0] + 4_000_000, peaks
