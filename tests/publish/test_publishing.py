"""What is uploaded and removed, and in which order."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sharing
from bucket_server import KEYS, BucketServer
from library import ragtree
from versions import document

from ragtree import Document, IndexLockedError, MissingExtraError, PublishedError, RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.publish import copies
from ragtree.publish.folder import FolderStore
from ragtree.publish.manifest import name_of, snapshot
from ragtree.publish.publishing import publish
from ragtree.store.lock import IndexLock

STATE = dict.fromkeys(sharing.NAMES[:8], 1)


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[RagTree]:
    with sharing.opened(tmp_path / "index", "") as tree:
        sharing.change(tree, {}, STATE)
        yield tree


def reader(place: Path, copy: Path, settings: Settings | None = None, every: float = 600) -> RagTree:
    given = settings or sharing.settings("")
    return RagTree.open_published(place, copy, given, embedder=HashingEmbedder(), every=every)


def names(place: Path, kind: str) -> set[str]:
    return {path.name for path in (place / kind).rglob("*") if path.is_file()}


class NotingStore(FolderStore):
    """Notes what is written, and fails at one of the writes."""

    def __init__(self, folder: Path, fails_at: int = -1) -> None:
        super().__init__(folder)
        self.written: list[str] = []
        self._fails_at = fails_at

    def put(self, name: str, content: bytes) -> None:
        if len(self.written) == self._fails_at:
            raise PublishedError("the store fails")
        self.written.append(name)
        super().put(name, content)


def test_a_reader_finds_what_the_publisher_finds(tree: RagTree, tmp_path: Path) -> None:
    report = tree.publish(tmp_path / "place")
    assert report.is_new
    assert report.uploaded > 0.9 * report.bytes
    with reader(tmp_path / "place", tmp_path / "copy") as read:
        assert read.verify() == []
        assert read.read_only
        for mode in sharing.MODES:
            for query in sharing.QUERIES:
                told = [[(hit.node, round(hit.score, 5)) for hit in one.search(query, 8, mode)] for one in (tree, read)]
                assert told[0] == told[1]
        assert read.ask("What is told of record3?").text == tree.ask("What is told of record3?").text


def test_an_index_that_has_not_changed_uploads_nothing(tree: RagTree, tmp_path: Path) -> None:
    first = tree.publish(tmp_path / "place")
    second = tree.publish(tmp_path / "place")
    assert (second.snapshot, second.is_new, second.uploaded) == (first.snapshot, False, 0)


def test_a_change_uploads_only_the_blocks_that_it_changes(tree: RagTree, tmp_path: Path) -> None:
    tree.add(
        [Document(id=f"big{number}", text=" ".join(f"{number}x{word}" for word in range(6_000))) for number in range(3)]
    )
    first = tree.publish(tmp_path / "place")
    tree.add([document("record3", 9)])
    second = tree.publish(tmp_path / "place")
    assert second.is_new
    assert second.uploaded < 0.9 * first.bytes


def test_the_pointer_is_written_last_and_the_manifest_before_it(tree: RagTree, tmp_path: Path) -> None:
    store = NotingStore(tmp_path / "place")
    publish(tree.path, store)
    *blobs, manifest, pointer = store.written
    assert all(name.startswith("blobs/") for name in blobs)
    assert manifest.startswith("snapshots/")
    assert pointer == "latest"


def test_an_upload_that_fails_anywhere_shows_readers_nothing_and_is_continued(tree: RagTree, tmp_path: Path) -> None:
    place = tmp_path / "place"
    first = publish(tree.path, FolderStore(place))
    tree.add([document("record3", 9)])
    with reader(place, tmp_path / "copy") as read:
        for fails_at in range(100):
            assert read.following is not None
            store = NotingStore(place, fails_at)
            try:
                report = publish(tree.path, store)
                break
            except PublishedError as error:
                assert str(error) == "the store fails"
            assert not read.following.look()
            assert read.following.snapshot == first.snapshot
        assert fails_at > 3
        assert report.is_new
        assert read.following is not None
        assert read.following.look()
        assert read.following.snapshot == report.snapshot
        assert read.document("record3") == tree.document("record3")


def test_old_snapshots_stay_for_the_grace_time(tree: RagTree, tmp_path: Path) -> None:
    place = tmp_path / "place"
    first = tree.publish(place)
    for version in (2, 3):
        tree.add([document("record3", version)])
        tree.publish(place, grace=3600)
    assert len(names(place, "snapshots")) == 3
    time.sleep(0.05)
    report = tree.publish(place, grace=0.01)
    assert report.removed_snapshots == 2
    assert names(place, "snapshots") == {f"{report.snapshot}.json"}
    assert first.snapshot != report.snapshot
    with reader(place, tmp_path / "copy") as read:
        assert read.verify() == []


def test_a_purge_removes_every_byte_of_what_is_gone_here_and_from_readers(
    tree: RagTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "_GRACE", 0)
    place, copy = tmp_path / "place", tmp_path / "copy"
    tree.add([Document(id="memo", text="The smuggler Quillfeather hid brandywine casks.")])
    tree.publish(place)
    with reader(place, copy) as read:
        assert held(place) and held(copy)
        assert read.search("Quillfeather", k=1, mode="lexical")
        tree.remove(["memo"])
        tree.purge()
        tree.publish(place)
        assert held(place)  # in the old snapshot, for the grace time
        report = tree.publish(place, purge=True)
        assert (report.removed_snapshots, report.is_new) == (1, False)
        assert not held(place)
        assert read.following is not None
        read.following.look()
        assert not read.search("Quillfeather", k=1, mode="lexical")
        read.following.look()
        assert not held(copy)


def held(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and b"brandywine" in path.read_bytes()]


def test_what_an_interrupted_publish_left_is_removed_by_a_purge(tree: RagTree, tmp_path: Path) -> None:
    place = tmp_path / "place"
    tree.publish(place)
    (place / "blobs" / "aa").mkdir(exist_ok=True)
    (place / "blobs" / "aa" / ("aa" * 32)).write_bytes(b"brandywine")
    (place / "blobs" / "aa" / f"{'aa' * 32}.0123abcd.new").write_bytes(b"brandywine")
    (place / "snapshots" / f"{'bb' * 32}.json").write_bytes(b"brandywine")
    (place / "snapshots" / f"{'bb' * 32}.json.0123abcd.new").write_bytes(b"brandywine")
    tree.publish(place)
    tree.publish(place, purge=True)
    assert not held(place)


FOREIGN = (
    "snapshots/vm/disk.img",
    "snapshots/notes.json",
    f"snapshots/{'cc' * 32}.json.bak",
    f"snapshots/old/{'cc' * 32}.json",
    "blobs/mine.txt",
    f"blobs/{'cc' * 32}",
    f"blobs/aa/{'cc' * 32}",
    "blobs/aa/x.new",
    "latest.txt",
)
"""Files that somebody keeps at the place, under names that resemble those of blocks and manifests."""


@pytest.mark.parametrize("purge", [False, True])
def test_files_of_others_survive(tree: RagTree, tmp_path: Path, purge: bool) -> None:
    place = tmp_path / "place"
    for name in FOREIGN:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(b"mine")
        os.utime(place / name, (1e9, 1e9))
    for version in (2, 3):
        tree.add([document("record3", version)])
        report = tree.publish(place, purge=purge, grace=0)
    assert report.removed_snapshots == 1
    assert {name for name in FOREIGN if (place / name).is_file()} == set(FOREIGN)


def test_an_unreadable_snapshot_stays_for_the_grace_time(tree: RagTree, tmp_path: Path) -> None:
    """It may be one of a newer ragtree, whose readers still fetch it."""
    place = tmp_path / "place"
    tree.publish(place)
    content = b'{"version": 2}'
    other = place / snapshot(name_of(content))
    other.write_bytes(content)
    tree.add([document("record3", 2)])
    blocks = names(place, "blobs")
    assert tree.publish(place).removed_snapshots == 0
    assert other.exists()
    assert blocks <= names(place, "blobs")
    time.sleep(0.05)
    assert tree.publish(place, grace=0.01).removed_snapshots == 2
    assert not other.exists()


def test_a_block_in_a_folder_of_another_name_does_not_count(tree: RagTree, tmp_path: Path) -> None:
    place = tmp_path / "place"
    tree.publish(place)
    block = next((place / "blobs").glob("*/*"))
    (place / "blobs" / "elsewhere").mkdir()
    block.rename(place / "blobs" / "elsewhere" / block.name)
    assert tree.publish(place, purge=True).blocks == 1
    with reader(place, tmp_path / "copy") as read:
        assert read.verify() == []


def test_nothing_is_published_into_the_copy_of_a_reader(tree: RagTree, tmp_path: Path) -> None:
    tree.publish(tmp_path / "place")
    copy = tmp_path / "copy"
    with reader(tmp_path / "place", copy) as read:
        for place in (copy, copy.as_uri()):
            with pytest.raises(PublishedError, match="local copy of a reader, in which nothing is published; name"):
                tree.publish(place, purge=True)
        assert read.verify() == []


def test_another_index_is_not_published_over_it(tree: RagTree, tmp_path: Path) -> None:
    tree.publish(tmp_path / "place")
    with sharing.opened(tmp_path / "other", "") as other:
        sharing.change(other, {}, STATE)
        with pytest.raises(PublishedError, match="snapshots of another index; name another prefix"):
            other.publish(tmp_path / "place")


def test_one_process_publishes_an_index_at_a_time(tree: RagTree, tmp_path: Path) -> None:
    lock = IndexLock(tree.path, "publish.lock")
    with pytest.raises(IndexLockedError):
        tree.publish(tmp_path / "place")
    lock.release()
    tree.publish(tmp_path / "place")


def test_a_copy_that_was_left_is_removed(tree: RagTree, tmp_path: Path) -> None:
    (tree.path / "publishing").mkdir()
    (tree.path / "publishing" / "catalog.sqlite").write_bytes(b"brandywine")
    tree.purge()
    assert not held(tree.path)
    tree.publish(tmp_path / "place")
    assert not (tree.path / "publishing").exists()


def test_a_place_that_is_damaged_is_mended_by_the_next_publish(tree: RagTree, tmp_path: Path) -> None:
    place = tmp_path / "place"
    report = tree.publish(place)
    (place / "latest").write_text("nonsense")
    assert tree.publish(place).snapshot == report.snapshot
    (place / "snapshots" / f"{report.snapshot}.json").unlink()
    next((place / "blobs").glob("*/*")).unlink()
    assert tree.publish(place).blocks == 1  # without a manifest, the store is asked for what it has
    next((place / "blobs").glob("*/*")).unlink()
    assert tree.publish(place).blocks == 0
    assert tree.publish(place, purge=True).blocks == 1
    with reader(place, tmp_path / "copy") as read:
        assert read.verify() == []


def test_keys_in_an_address_are_refused_and_not_repeated(tree: RagTree) -> None:
    for place in ("s3://key:secret@bucket/prefix", "s3://bucket/prefix?secret=1", "file://host/x", "what://x/y"):
        with pytest.raises((PublishedError, MissingExtraError)) as caught:
            tree.publish(place)
        assert "secret" not in str(caught.value)


def test_a_key_is_in_no_error_and_no_object(
    tree: RagTree, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("obstore")
    with BucketServer() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        tree.publish("s3://bucket/prefix")
        assert not any(KEYS["AWS_SECRET_ACCESS_KEY"].encode() in content for content, _ in server.objects.values())
        server.fails = lambda _: True
        with pytest.raises(PublishedError, match="latest cannot be read") as caught:
            tree.publish("s3://bucket/prefix")
        assert not any(key in f"{caught.value}{caplog.text}" for key in KEYS.values())


def test_a_bucket_without_obstore_names_the_extra(tree: RagTree, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("obstore", "obstore.store", "obstore.exceptions"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'ragtree\[bucket\]'"):
        tree.publish("s3://bucket/prefix")


def test_the_command_says_what_was_uploaded(tree: RagTree, tmp_path: Path) -> None:
    ran = ragtree("publish", tmp_path / "index", tmp_path / "place")
    assert (ran.status, ran.err) == (0, "")
    assert " MB uploaded in " in ran.out
    again = ragtree("publish", tmp_path, tmp_path / "place", "--index", tmp_path / "index", "--purge")
    assert "(the index has not changed): 0.0 of " in again.out
    wrong = ragtree("publish", tmp_path, tmp_path / "place")
    assert wrong.status == 1
    assert "there is no index" in wrong.err


def test_nothing_heavy_is_imported_for_it() -> None:
    code = "import sys, ragtree.tree; print(*[one for one in ('obstore', 'chromadb', 'torch') if one in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == []
