"""A folder that is followed: real files, real notices of the system. Nothing here waits for a time, but for what is to
happen; what is not to happen would have happened before."""

from __future__ import annotations

import logging
import os
import random
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from ragtree import Document, ModelError, NothingToIndexError, RagTree, Settings, StoreError, SyncReport
from ragtree.embed.hashing import HashingEmbedder
from ragtree.indexing import watching
from ragtree.types import Progress

PATIENCE = 60
"""Seconds after which something will not happen any more."""
SMALL = Settings.model_validate({"llm": {"model": "none"}, "chunk": {"tokens": 16}, "embed": {"kind": "plain"}})


class Heard:
    """What a watch tells, and when."""

    def __init__(self) -> None:
        self.reports: list[SyncReport] = []
        self.errors: list[Exception] = []
        self._changed = threading.Condition()

    def synced(self, report: SyncReport) -> None:
        with self._changed:
            self.reports.append(report)
            self._changed.notify_all()

    def failed(self, error: Exception) -> None:
        with self._changed:
            self.errors.append(error)
            self._changed.notify_all()

    def until(self, happened: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(happened, PATIENCE), (self.reports, self.errors)

    def until_named(self, kind: str, *names: str) -> SyncReport:
        """The first report that names all of these documents as added, changed, ..."""

        def found() -> SyncReport | None:
            return next((one for one in self.reports if set(names) <= set(getattr(one, kind))), None)

        self.until(lambda: found() is not None)
        report = found()
        assert report is not None
        return report


class Embedder(HashingEmbedder):
    """Fails while it is told to."""

    error: Exception | None = None

    def embed(self, texts, progress=watching.no_progress):
        if self.error is not None:
            raise self.error
        return super().embed(texts, progress)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "docs"
    (place / "sub").mkdir(parents=True)
    (place / "a.md").write_text("The bell weighs two tons.")
    (place / "sub" / "b.md").write_text("The rope is made of hemp.")
    return place


@pytest.fixture
def embedder() -> Embedder:
    return Embedder()


@pytest.fixture
def tree(tmp_path: Path, embedder: Embedder) -> Iterator[RagTree]:
    with RagTree.open(tmp_path / "index", SMALL, embedder=embedder) as opened:
        yield opened


def test_what_is_added_changed_renamed_and_removed_is_followed(tree: RagTree, folder: Path, heard: Heard) -> None:
    with tree.watch(folder, heard.synced, heard.failed) as watch:
        assert heard.until_named("added", "a.md", "sub/b.md")
        (folder / "new" / "deep").mkdir(parents=True)
        (folder / "new" / "deep" / "c.md").write_text("The canary is called Admiral.")
        heard.until_named("added", "new/deep/c.md")
        assert tree.search("canary Admiral", k=1)[0].node.document_id == "new/deep/c.md"
        (folder / "a.md").write_text("The bell weighs three tons.")
        heard.until_named("changed", "a.md")
        assert "three" in tree.search("the bell", k=1)[0].node.text
        (folder / "sub" / "b.md").rename(folder / "rope.md")
        heard.until_named("renamed", ("sub/b.md", "rope.md"))  # type: ignore[arg-type]
        (folder / "rope.md").unlink()
        heard.until_named("removed", "rope.md")
        assert watch.running
        assert watch.report is heard.reports[-1]
    assert not watch.running
    assert heard.errors == []
    assert tree.verify() == []


def test_what_something_excluded_replaces_is_removed(tree: RagTree, folder: Path, heard: Heard, tmp_path: Path) -> None:
    (folder / ".gitignore").write_text("a.md/\nsub\n!sub/\n")
    (folder / "c.md").write_text("The canary is called Admiral.")
    with tree.watch(folder, heard.synced, heard.failed):
        heard.until_named("added", "a.md", "sub/b.md")
        (folder / "a.md").unlink()
        (folder / "a.md").mkdir()
        heard.until_named("removed", "a.md")
        (folder / "sub").rename(tmp_path / "away")
        (folder / "sub").write_text("This is excluded.")
        heard.until_named("removed", "sub/b.md")
    assert heard.errors == []


def test_an_index_inside_the_folder_is_followed_by_no_sync_of_its_own(tmp_path: Path, folder: Path) -> None:
    heard = Heard()
    with RagTree.open(folder / ".ragtree", SMALL, embedder=Embedder()) as tree:
        with tree.watch(folder, heard.synced):
            heard.until_named("added", "a.md")
            for number in range(3):
                (folder / f"{number}.md").write_text(f"The number is {number}.")
                heard.until_named("added", f"{number}.md")
        # The writing of a file may be noticed twice; what the index writes would be noticed without an end.
        assert len(heard.reports) <= 8


def test_what_changes_while_a_sync_runs_is_one_next_sync(tree: RagTree, folder: Path, heard: Heard) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def progress(step: Progress) -> None:
        begun.set()
        assert go_on.wait(PATIENCE)

    with tree.watch(folder, heard.synced, progress=progress):
        assert begun.wait(PATIENCE)
        for number in range(5):
            (folder / f"{number}.md").write_text(f"The number is {number}.")
        assert heard.reports == []
        go_on.set()
        heard.until(lambda: any("4.md" in report.added for report in heard.reports))
    named = [report.added for report in heard.reports if report.added]
    assert named == [("a.md", "sub/b.md"), tuple(f"{number}.md" for number in range(5))]


def test_a_file_that_is_being_written_is_not_read_half(
    tree: RagTree, folder: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody writes a line before every look at the file, nine times."""
    look = watching._look
    looks: list[object] = []

    def look_and_write(paths):
        if any(path.name == "log.txt" for path in paths):
            looks.append(paths)
            if len(looks) < 10:
                with (folder / "log.txt").open("a") as file:
                    file.write(f"Line {len(looks)} of the log.\n")
        return look(paths)

    monkeypatch.setattr(watching, "_look", look_and_write)
    monkeypatch.setattr(watching, "_BETWEEN_LOOKS", 0.01)
    with tree.watch(folder, heard.synced):
        heard.until_named("added", "a.md")
        (folder / "log.txt").write_text("Line 0 of the log.\n")
        heard.until_named("added", "log.txt")
        document = tree.document("log.txt")
    assert document is not None
    assert document.text.count("\n") == 10
    assert all("log.txt" not in report.changed for report in heard.reports)


def test_a_file_that_never_rests_is_read_as_it_is(
    tree: RagTree, folder: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = iter(range(10**9))
    monkeypatch.setattr(watching, "_look", lambda paths: next(looked))
    monkeypatch.setattr(watching, "_BETWEEN_LOOKS", 0.001)
    with tree.watch(folder, heard.synced):
        heard.until_named("added", "a.md")
        (folder / "log.txt").write_text("Line 0 of the log.\n")
        heard.until_named("added", "log.txt")


@pytest.mark.parametrize("error", [ModelError("the server is away"), ValueError("nobody thought of that")])
def test_what_fails_is_told_and_tried_again_though_nothing_changes(
    tree: RagTree,
    folder: Path,
    heard: Heard,
    embedder: Embedder,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    monkeypatch.setattr(watching, "_FIRST_WAIT", 0.01)
    embedder.error = error
    with tree.watch(folder, heard.synced, heard.failed) as watch:
        heard.until(lambda: len(heard.errors) > 2)
        assert watch.error is error
        embedder.error = None
        heard.until_named("added", "a.md", "sub/b.md")
        heard.until(lambda: watch.error is None)
        assert watch.running
    assert set(heard.errors) == {error}


def test_what_failed_is_tried_again_at_the_next_change(
    tree: RagTree, folder: Path, heard: Heard, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_FIRST_WAIT", 1e6)
    embedder.error = ModelError("the server is away")
    with tree.watch(folder, heard.synced, heard.failed):
        heard.until(lambda: len(heard.errors) == 1)
        embedder.error = None
        (folder / "c.md").write_text("The canary is called Admiral.")
        heard.until_named("added", "a.md", "c.md", "sub/b.md")


def test_a_failure_that_nobody_listens_to_is_logged(
    tree: RagTree, folder: Path, embedder: Embedder, caplog: pytest.LogCaptureFixture
) -> None:
    heard = Heard()
    embedder.error = ModelError("the server is away")

    class Told(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.failed(Exception(record.getMessage()))

    handler = Told()
    watching.logger.addHandler(handler)
    try:
        with tree.watch(folder):
            heard.until(lambda: bool(heard.errors))
    finally:
        watching.logger.removeHandler(handler)
    assert str(heard.errors[0]) == "the server is away; it is tried again"


def test_stopping_ends_a_sync_after_its_step_and_the_next_one_goes_on(
    tree: RagTree, folder: Path, heard: Heard
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def progress(step: Progress) -> None:
        begun.set()
        assert go_on.wait(PATIENCE)

    watch = tree.watch(folder, heard.synced, heard.failed, progress)
    assert begun.wait(PATIENCE)
    assert not watch.wait(0.01)
    stopping = threading.Thread(target=watch.stop)
    stopping.start()
    assert watch._stopping.wait(PATIENCE)
    go_on.set()
    stopping.join(PATIENCE)
    assert not watch.running
    assert (heard.reports, heard.errors) == ([], [])
    assert tree.stats().documents == 0
    assert tree.sync(folder).added == ("a.md", "sub/b.md")
    watch.stop()  # twice does no harm


def test_what_is_in_the_catalog_reaches_chroma_though_the_watch_is_stopped(tree: RagTree, folder: Path) -> None:
    tree.add([Document("memo", "The memo says that the bell is cracked.")])  # Chroma is open

    def progress(step: Progress) -> None:
        if step.stage == "store":
            watch._stopping.set()

    watch = tree.watch(folder, progress=progress)
    assert watch.wait(PATIENCE)
    assert tree.search("rope hemp", k=1)[0].node.document_id == "sub/b.md"
    assert tree.verify() == []


def test_what_a_callback_raises_ends_the_watch_and_is_raised_again(tree: RagTree, folder: Path) -> None:
    def synced(report: SyncReport) -> None:
        raise BrokenPipeError("nobody reads this")

    watch = tree.watch(folder, synced)
    with pytest.raises(BrokenPipeError, match="nobody reads"):
        watch.wait(PATIENCE)
    assert not watch.running
    assert watch.wait()  # it is raised once
    with pytest.raises(BrokenPipeError), tree.watch(folder, synced) as another:
        while another.running:
            another._thread.join(0.1)


def test_what_a_block_raises_is_not_hidden_by_what_a_callback_raised(tree: RagTree, folder: Path) -> None:
    def synced(report: SyncReport) -> None:
        raise BrokenPipeError

    with pytest.raises(ZeroDivisionError), tree.watch(folder, synced) as watch:
        watch._thread.join(PATIENCE)
        raise ZeroDivisionError
    assert not watch.running


def test_a_callback_may_stop_the_watch_or_close_the_tree(tmp_path: Path, tree: RagTree, folder: Path) -> None:
    watch = tree.watch(folder, lambda report: watch.stop())
    assert watch.wait(PATIENCE)
    other = RagTree.open(tmp_path / "other", SMALL, embedder=HashingEmbedder())
    closing = other.watch(folder, lambda report: other.close())
    assert closing.wait(PATIENCE)
    RagTree.open(tmp_path / "other", SMALL, embedder=HashingEmbedder()).close()  # it is let go of


def test_closing_a_tree_ends_its_watches(tmp_path: Path, folder: Path, heard: Heard) -> None:
    with RagTree.open(tmp_path / "index2", SMALL, embedder=HashingEmbedder()) as tree:
        watch = tree.watch(folder, heard.synced, heard.failed)
        heard.until_named("added", "a.md")
    assert not watch.running
    assert heard.errors == []


def test_there_has_to_be_a_folder(tree: RagTree, folder: Path) -> None:
    with pytest.raises(NothingToIndexError, match="there is no folder"):
        tree.watch(folder / "nowhere")
    with pytest.raises(NothingToIndexError, match="is a file"):
        tree.watch(folder / "a.md")


def test_an_index_that_is_only_read_follows_nothing(tmp_path: Path, tree: RagTree, folder: Path) -> None:
    tree.sync(folder)
    tree.close()
    with RagTree.open(tmp_path / "index", SMALL, embedder=HashingEmbedder(), read_only=True) as only_read:
        with pytest.raises(StoreError, match="read-only"):
            only_read.watch(folder)
        assert only_read.history(date(2000, 1, 1)).added == ("a.md", "sub/b.md")


def test_another_folder_in_the_place_of_the_first_is_followed(
    tree: RagTree, folder: Path, tmp_path: Path, heard: Heard
) -> None:
    with tree.watch(folder, heard.synced, heard.failed):
        heard.until_named("added", "a.md")
        shutil.rmtree(folder)
        heard.until(lambda: any(isinstance(error, NothingToIndexError) for error in heard.errors))
        assert tree.stats().documents == 2  # an index is not emptied because its folder is away
        (tmp_path / "made").mkdir()
        (tmp_path / "made" / "z.md").write_text("The quarry is closed.")
        (tmp_path / "made").rename(folder)
        heard.until_named("added", "z.md")
        (folder / "y.md").write_text("The quarry is open again.")
        heard.until_named("added", "y.md")


def test_a_folder_with_the_number_of_the_removed_one_is_followed(
    tree: RagTree, folder: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_identity", lambda folder: (1, 1) if folder.exists() else None)
    with tree.watch(folder, heard.synced, heard.failed):
        heard.until_named("added", "a.md")
        shutil.rmtree(folder)
        folder.mkdir()  # at once, so that the watch never sees that there is none
        (folder / "z.md").write_text("The quarry is closed.")
        heard.until_named("added", "z.md")
        (folder / "y.md").write_text("The quarry is open again.")
        heard.until_named("added", "y.md")


def test_where_the_system_tells_nothing_all_files_are_looked_at(
    tree: RagTree, folder: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    import watchfiles

    real = watchfiles.watch

    def without_notices(*paths, **options):
        if not options["force_polling"]:
            raise OSError(28, "inotify watch limit reached")
        return real(*paths, **options)

    monkeypatch.setattr(watchfiles, "watch", without_notices)
    monkeypatch.setattr(watching, "_FIRST_WAIT", 0.01)
    monkeypatch.setattr(watching, "_POLL", 0.05)
    with tree.watch(folder, heard.synced, heard.failed):
        heard.until_named("added", "a.md")
        (folder / "c.md").write_text("The canary is called Admiral.")
        heard.until_named("added", "c.md")
    (error,) = heard.errors
    assert "fs.inotify.max_user_watches" in str(error)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is Unicode")
def test_a_name_that_is_not_unicode_ends_no_watch(tree: RagTree, folder: Path, heard: Heard) -> None:
    with tree.watch(folder, heard.synced, heard.failed):
        heard.until_named("added", "a.md")
        Path(os.fsdecode(os.fsencode(folder) + b"/\xff.md")).write_text("Nobody can say its name.")
        heard.until(lambda: any(report.skipped for report in heard.reports))
        (folder / "c.md").write_text("The canary is called Admiral.")
        heard.until_named("added", "c.md")
    assert heard.errors == []


def test_one_may_search_and_add_while_the_folder_is_followed(tree: RagTree, folder: Path, heard: Heard) -> None:
    with tree.watch(folder, heard.synced, heard.failed):
        heard.until_named("added", "a.md")
        (folder / "many").mkdir()
        for number in range(30):
            (folder / "many" / f"{number}.md").write_text(f"The lantern {number} burns paraffin. It is bright.")
        tree.add([Document("memo", "The memo says that the bell is cracked.")])
        while not any("many/29.md" in report.added for report in heard.reports):
            hits = tree.search("bell lantern", k=3)
            assert len(hits) == 3
            assert all(tree.document(hit.node.document_id) for hit in hits)
            assert not heard.errors
    assert tree.document("memo") is not None
    assert tree.verify() == []


def test_after_whatever_changes_the_index_holds_what_the_folder_holds(
    tree: RagTree, folder: Path, heard: Heard
) -> None:
    chance = random.Random(0)
    with tree.watch(folder, heard.synced, heard.failed):
        for number in range(60):
            files = sorted(folder.rglob("*.md"))
            path, text = chance.choice(files), f"The {number} th lantern burns paraffin."
            match chance.choice(["write", "make", "rename", "move", "remove"]):
                case "write":
                    path.write_text(text)
                case "make":
                    place = folder / chance.choice("xyz") / chance.choice("xyz")
                    place.mkdir(parents=True, exist_ok=True)
                    (place / f"{number}.md").write_text(text)
                case "rename":
                    path.rename(path.with_name(f"{number}.md"))
                case "move":
                    place = chance.choice([one for one in folder.iterdir() if one.is_dir()])
                    place.rename(folder / f"{number}")
                case "remove" if len(files) > 2:
                    path.unlink()
            threading.Event().wait(chance.choice([0, 0, 0.02, 0.1]))
        wanted = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.md")}
        heard.until(lambda: {document.id: document.text for document in tree.documents()} == wanted)
    assert heard.errors == []
    assert tree.verify() == []
