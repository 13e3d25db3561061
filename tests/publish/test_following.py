"""A local copy follows what is published, and takes in nothing that is not what its hash says."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sharing
from versions import document

from ragtree import (
    AsyncRagTree,
    IndexMismatchError,
    IndexNotFoundError,
    PublishedError,
    RagTree,
    Settings,
    SettingsError,
    StoreError,
    model_names,
)
from ragtree.embed.hashing import HashingEmbedder
from ragtree.publish import copies, following
from ragtree.publish.folder import FolderStore
from ragtree.publish.manifest import Manifest, name_of, pointer, snapshot
from ragtree.settings import EmbedSettings

STATE = dict.fromkeys(sharing.NAMES[:8], 1)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "place"


@pytest.fixture
def tree(tmp_path: Path, place: Path) -> Iterator[RagTree]:
    """The index of the publisher, which has published it."""
    with sharing.opened(tmp_path / "index", "") as tree:
        sharing.change(tree, {}, STATE)
        tree.publish(place)
        yield tree


def reader(place: Path, copy: Path, settings: Settings | None = None, every: float = 600) -> RagTree:
    given = settings or sharing.settings("")
    return RagTree.open_published(place, copy, given, embedder=HashingEmbedder(), every=every)


def look(tree: RagTree) -> bool:
    assert tree.following is not None
    return tree.following.look()


def version(tree: RagTree) -> str:
    found = tree.document("record3")
    return "" if found is None else found.text.split(" speaks")[0]


def test_a_new_snapshot_is_in_use_after_a_look(tree: RagTree, place: Path, tmp_path: Path) -> None:
    with reader(place, tmp_path / "copy") as read:
        before = read.state
        assert not look(read)
        tree.add([document("record3", 2)])
        assert not look(read)
        tree.publish(place)
        assert look(read)
        assert version(read) == "Paragraph 0 of record3 in version 2"
        assert (read.state, read.verify()) == (tree.state, [])
        assert read.state != before


def test_the_thread_looks_by_itself(tree: RagTree, place: Path, tmp_path: Path) -> None:
    with reader(place, tmp_path / "copy", every=0.05) as read:
        tree.add([document("record3", 2)])
        tree.publish(place)
        ends = time.monotonic() + 30
        while "version 2" not in version(read):
            assert time.monotonic() < ends
            time.sleep(0.02)
        assert read.following is not None
        assert read.following.running
        following = read.following
    assert not following.running


def test_who_reads_a_snapshot_keeps_it_until_the_end(
    tree: RagTree, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "_GRACE", 0)
    with reader(place, tmp_path / "copy") as read:
        expected = [(hit.node, hit.score) for hit in read.search("the keeper of record3", k=8)]
        with read.snapshot():
            for number in range(3):  # the snapshot that is being read is deleted at the second look
                tree.add([document("record3", 2 + number)])
                tree.publish(place, purge=True)
                done = threading.Thread(target=look, args=(read,))
                done.start()
                done.join()
            assert version(read) == "Paragraph 0 of record3 in version 1"
            assert [(hit.node, hit.score) for hit in read.search("the keeper of record3", k=8)] == expected
        assert version(read) == "Paragraph 0 of record3 in version 4"
        assert len(list((tmp_path / "copy" / "snapshots").iterdir())) == 2


def test_only_what_has_changed_is_fetched(
    tree: RagTree, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree.add([sharing.document(f"more{number}", 1) for number in range(30)])
    tree.publish(place)
    got: list[str] = []
    get = FolderStore.get

    def noting(self: FolderStore, name: str, most: int) -> bytes | None:
        got.append(name)
        return get(self, name, most)

    monkeypatch.setattr(FolderStore, "get", noting)
    with reader(place, tmp_path / "copy") as read:
        first = sum(name.startswith("blobs/") for name in got)
        tree.add([document("record3", 2)])
        report = tree.publish(place)
        got.clear()
        look(read)
        assert report.blocks <= sum(name.startswith("blobs/") for name in got) < first
        got.clear()
        look(read)
        assert got == ["latest"]


def test_a_manifest_is_read_only_if_there_is_something_new(
    tree: RagTree, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has some megabytes, and readers look every 30 seconds."""
    monkeypatch.setattr(copies, "_GRACE", 0)
    vectors = tmp_path / "copy" / "vectors"
    with reader(place, tmp_path / "copy") as read:
        read.search("the keeper of record3", k=1)
        counted: list[str] = []
        make = Manifest.read.__func__  # type: ignore[attr-defined]

        def counting(cls: type[Manifest], content: bytes, told: str) -> Manifest:
            counted.append(told)
            return make(cls, content, told)  # type: ignore[no-any-return]

        monkeypatch.setattr(Manifest, "read", classmethod(counting))
        assert not look(read)
        assert counted == []
        tree.add([document("record3", 2)])
        tree.publish(place)
        counted.clear()
        assert look(read)
        assert len(counted) == 2  # of the snapshot in use, and of the new one
        assert not look(read)
        assert [path.stem for path in vectors.glob("*.npy")] == [read.state]


def damage_a_block(place: Path) -> None:
    block = max((place / "blobs").glob("*/*"), key=lambda path: path.stat().st_mtime)
    block.write_bytes(block.read_bytes()[:-1] + b"?")


def cut_a_block(place: Path) -> None:
    block = max((place / "blobs").glob("*/*"), key=lambda path: path.stat().st_mtime)
    block.write_bytes(block.read_bytes()[:-1])


def lengthen_a_block(place: Path) -> None:
    block = max((place / "blobs").glob("*/*"), key=lambda path: path.stat().st_mtime)
    block.write_bytes(block.read_bytes() + bytes(2**20))


def remove_a_block(place: Path) -> None:
    max((place / "blobs").glob("*/*"), key=lambda path: path.stat().st_mtime).unlink()


def link_a_block(place: Path) -> None:
    block = max((place / "blobs").glob("*/*"), key=lambda path: path.stat().st_mtime)
    block.rename(place / "elsewhere")
    block.symlink_to(place / "elsewhere")


def damage_the_manifest(place: Path) -> None:
    path = newest(place)
    path.write_bytes(path.read_bytes().replace(b"lexical", b"lexicaL", 1))


def damage_the_pointer(place: Path) -> None:
    (place / "latest").write_text('{"snapshot": "../../etc/passwd"}')


@pytest.mark.parametrize(
    "damage",
    [
        damage_a_block,
        cut_a_block,
        lengthen_a_block,
        remove_a_block,
        link_a_block,
        damage_the_manifest,
        damage_the_pointer,
    ],
)
def test_what_is_damaged_is_named_and_the_snapshot_in_use_stays(
    tree: RagTree, place: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    with reader(place, tmp_path / "copy") as read:
        tree.add([document("record3", 2)])
        tree.publish(place)
        damage(place)
        for _ in range(2):
            with pytest.raises(PublishedError, match=r"publish (or sync )?again") as caught:
                look(read)
            assert str(place) in str(caught.value)
            assert version(read) == "Paragraph 0 of record3 in version 1"
            assert read.verify() == []
        shutil.rmtree(place)
        tree.publish(place)
        assert look(read)
        assert version(read) == "Paragraph 0 of record3 in version 2"


def newest(place: Path) -> Path:
    return place / snapshot(json.loads((place / "latest").read_bytes())["snapshot"])


def write_manifest(place: Path, known: dict[str, object]) -> None:
    """Point at a manifest with a right hash, as somebody may who can write to the place."""
    content = json.dumps(known).encode()
    (place / snapshot(name_of(content))).write_bytes(content)
    (place / "latest").write_bytes(pointer(name_of(content)))


@pytest.mark.parametrize(
    "name",
    [
        "../outside",
        "/tmp/outside",
        "lexical/../../outside",
        "lexical/leaves/../../../outside",
        "lexical/leaves/a\nb",
        "C:\\outside",
        "catalog.sqlite-wal",
        "current",
        "",
        5,
    ],
)
def test_no_file_is_written_outside_of_the_copy(tree: RagTree, place: Path, tmp_path: Path, name: object) -> None:
    known = json.loads(newest(place).read_bytes())
    known["files"][-1]["name"] = name
    write_manifest(place, known)
    before = set(tmp_path.rglob("*"))
    with pytest.raises(PublishedError, match="is no manifest"):
        reader(place, tmp_path / "copy")
    assert {path.name for path in set(tmp_path.rglob("*")) - before} <= {"copy", "fetch.lock", "fetch.lock.pid"}


@pytest.mark.parametrize(
    "change",
    [
        {"block": 2**40},
        {"block": 0},
        {"block": "x"},
        {"files": []},
        {"files": {}},
        {"version": 2},
        {"state": None},
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(
    tree: RagTree, place: Path, tmp_path: Path, change: dict[str, object]
) -> None:
    write_manifest(place, {**json.loads(newest(place).read_bytes()), **change})
    with pytest.raises(PublishedError, match=r"is no manifest|another ragtree"):
        reader(place, tmp_path / "copy")


@pytest.mark.parametrize("size", [-1, 2**70, 1e400, True])
def test_a_size_that_is_a_lie_is_refused(tree: RagTree, place: Path, tmp_path: Path, size: float) -> None:
    known = json.loads(newest(place).read_bytes())
    known["files"][0]["size"] = size
    write_manifest(place, known)
    with pytest.raises(PublishedError, match="is no manifest"):
        reader(place, tmp_path / "copy")


def test_a_snapshot_for_which_there_is_no_room_is_not_begun(
    tree: RagTree, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 90, 10))
    with pytest.raises(StoreError, match="make room, or name another folder"):
        reader(place, tmp_path / "copy")


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("CREATE TRIGGER t AFTER DELETE ON meta BEGIN DELETE FROM nodes; END", "it has triggers or views"),
        ("CREATE VIEW v AS SELECT 1", "it has triggers or views"),
        ("UPDATE meta SET value = 'x' WHERE key = 'state'", "another state"),
        ("DROP TABLE meta", "no such table"),
    ],
)
def test_a_catalog_that_is_not_one_is_refused(
    tree: RagTree, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statement: str, told: str
) -> None:
    """Somebody else's catalog, with right hashes."""
    check = copies._check_catalog

    def changed(path: Path, manifest: object) -> None:
        with sqlite3.connect(path) as db:
            db.execute(statement)
        db.close()
        check(path, manifest)  # type: ignore[arg-type]

    monkeypatch.setattr(copies, "_check_catalog", changed)
    with pytest.raises(PublishedError, match=told):
        reader(place, tmp_path / "copy")


def test_without_the_place_the_last_copy_is_used(tree: RagTree, place: Path, tmp_path: Path) -> None:
    with pytest.raises(PublishedError, match="nothing is published at"):
        reader(tmp_path / "nowhere", tmp_path / "copy")
    with reader(place, tmp_path / "copy"):
        pass
    place.rename(tmp_path / "away")
    with reader(place, tmp_path / "copy") as read:
        assert version(read) == "Paragraph 0 of record3 in version 1"
        with pytest.raises(PublishedError, match="nothing is published at"):
            look(read)
        (tmp_path / "away").rename(place)
        tree.add([document("record3", 2)])
        tree.publish(place)
        assert look(read)


def test_an_interrupted_fetch_is_continued(
    tree: RagTree, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    got: list[str] = []
    get = FolderStore.get

    def failing(self: FolderStore, name: str, most: int) -> bytes | None:
        got.append(name)
        if len(got) > 12:
            raise PublishedError("the store fails")
        return get(self, name, most)

    monkeypatch.setattr(FolderStore, "get", failing)
    for _ in range(3):
        got.clear()
        with pytest.raises(PublishedError, match="the store fails"):
            reader(place, tmp_path / "copy")
    assert not (tmp_path / "copy" / "current").exists()
    got.clear()
    monkeypatch.setattr(FolderStore, "get", get)
    with reader(place, tmp_path / "copy") as read:
        assert read.verify() == []


def test_what_an_interrupted_fetch_left_of_an_earlier_snapshot_is_removed(
    tree: RagTree, place: Path, tmp_path: Path
) -> None:
    with reader(place, tmp_path / "copy") as read:
        left = tmp_path / "copy" / "snapshots" / f"{'ab' * 32}.new"
        left.mkdir()
        (left / "catalog.sqlite").write_bytes(b"brandywine")
        assert not look(read)
        assert not left.exists()


def test_other_folders_beside_the_snapshots_of_a_copy_survive(tree: RagTree, place: Path, tmp_path: Path) -> None:
    disk = tmp_path / "copy" / "snapshots" / "vm" / "disk.img"
    disk.parent.mkdir(parents=True)
    disk.write_bytes(b"mine")
    with reader(place, tmp_path / "copy") as read:
        assert not look(read)
    assert disk.read_bytes() == b"mine"


def test_a_block_that_was_damaged_is_mended_as_the_error_says(tree: RagTree, place: Path, tmp_path: Path) -> None:
    damage_a_block(place)
    with pytest.raises(PublishedError, match="delete it, and publish again with --purge") as caught:
        reader(place, tmp_path / "copy")
    Path(str(caught.value).partition(" is damaged")[0]).unlink()
    tree.publish(place, purge=True)
    with reader(place, tmp_path / "copy") as read:
        assert read.verify() == []


def test_a_snapshot_that_is_removed_while_it_is_fetched_gives_way_to_the_next(
    tree: RagTree, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    get, removed = FolderStore.get, []

    def removing(self: FolderStore, name: str, most: int) -> bytes | None:
        if name.startswith("blobs/") and not removed:
            removed.append(name)
            tree.add([document("record3", 2)])
            tree.publish(place, purge=True)
        return get(self, name, most)

    monkeypatch.setattr(FolderStore, "get", removing)
    with reader(place, tmp_path / "copy") as read:
        assert version(read) == "Paragraph 0 of record3 in version 2"


def test_two_readers_share_a_copy(tree: RagTree, place: Path, tmp_path: Path) -> None:
    with reader(place, tmp_path / "copy") as one, reader(place, tmp_path / "copy") as other:
        tree.add([document("record3", 2)])
        tree.publish(place)
        assert look(one)
        assert not look(other)
        assert version(one) == version(other) == "Paragraph 0 of record3 in version 2"


def test_a_look_of_another_process_leaves_the_snapshot_before_for_some_seconds(
    tree: RagTree, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody may have followed the link, and be about to open a file."""
    copy = tmp_path / "copy"
    with reader(place, copy) as one, reader(place, copy) as other:
        followed = (copy / "current").resolve()
        tree.add([document("record3", 2)])
        tree.publish(place)
        assert look(one)
        assert not look(other)
        assert (followed / "catalog.sqlite").is_file()
        monkeypatch.setattr(copies, "_GRACE", 0)
        assert not look(other)
        assert not followed.exists()


def test_a_copy_is_only_read(tree: RagTree, place: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    with reader(place, tmp_path / "copy") as read:
        for write in (lambda: read.remove(["record3"]), read.repair, read.purge):
            with pytest.raises(StoreError, match="read_only"):
                write()
        with pytest.raises(PublishedError, match="publish the index that it comes from"):
            read.publish(tmp_path / "other")
    with pytest.raises(StoreError, match="open it with read_only=True"):
        RagTree.open(tmp_path / "copy", sharing.settings(""), embedder=HashingEmbedder())
    with RagTree.open(tmp_path / "copy", sharing.settings(""), embedder=HashingEmbedder(), read_only=True) as offline:
        assert version(offline) == "Paragraph 0 of record3 in version 1"
    assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == before


def test_another_embedder_is_not_switched_to(tree: RagTree, place: Path, tmp_path: Path) -> None:
    with reader(place, tmp_path / "copy") as read:
        shutil.rmtree(place)
        with RagTree.open(tmp_path / "other", sharing.settings(""), embedder=HashingEmbedder(32)) as other:
            sharing.change(other, {}, STATE)
            other.publish(place)
        with pytest.raises(IndexMismatchError, match="was made with the embedder"):
            look(read)
        assert version(read) == "Paragraph 0 of record3 in version 1"


def test_a_server_that_only_the_snapshot_names_gets_nothing(place: Path, tmp_path: Path) -> None:
    named = sharing.settings("").model_copy(update={"llm": Settings.model_validate({"llm": {"model": URL}}).llm})
    with RagTree.open(tmp_path / "index", named, embedder=HashingEmbedder()) as tree:
        tree.add([document("record3", 1)])
        folder = tmp_path / "docs"
        folder.mkdir()
        (folder / "a.txt").write_text("The harbour is closed.")
        tree.sync(folder)  # stores the settings
        tree.publish(place)
    with pytest.raises(SettingsError, match=f"names the server {re.escape(URL)} as llm.model"):
        reader(place, tmp_path / "copy", Settings())
    with reader(place, tmp_path / "copy", Settings.model_validate({"llm": {"model": "none"}})) as read:
        assert read.llm is None
    with reader(place, tmp_path / "copy", Settings.model_validate({"llm": {"model": URL}})) as read:
        assert read.settings.llm.model == URL


URL = "http://203.0.113.9/v1#m"


@pytest.mark.parametrize(
    ("setting", "name", "told"),
    [
        ("llm.model", URL, "would get your questions and your key"),
        ("llm.model", "openai:m", "would get your questions and your key"),
        ("llm.model", "OpenAI:m", "would get your questions and your key"),
        ("llm.model", "hf:owner/repo/file.gguf", "would be fetched or read"),
        ("llm.model", "snapshots/x/lexical/leaves/own.gguf", "would be fetched or read"),
        ("embed.model", URL, "would get your questions and your key"),
        ("embed.model", "openai:m", "would get your questions and your key"),
        ("embed.model", "owner/model", "would be fetched or read"),
        ("retrieve.rerank", "owner/model", "would be fetched or read"),
        ("retrieve.rerank", "colbert:owner/model", "would be fetched or read"),
    ],
)
def test_a_model_that_only_the_snapshot_names_is_not_used(
    tree: RagTree, place: Path, tmp_path: Path, setting: str, name: str, told: str
) -> None:
    """Somebody who can write to the place names it in the settings of the index."""
    stage, _, field = setting.partition(".")
    embedder = model_names.embedder_name(EmbedSettings(model=name)) if stage == "embed" else tree.embedder.name
    facts = {"settings": json.dumps({stage: {field: name}}), "embedder": embedder, "dimension": "64"}
    with closing(sqlite3.connect(tree.path / "catalog.sqlite")) as db, db:
        db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", facts.items())
    shutil.rmtree(place)
    tree.publish(place)
    given = None if stage == "embed" else HashingEmbedder()
    with pytest.raises(SettingsError, match=re.escape(f"{name} as {setting}, which {told}")) as caught:
        RagTree.open_published(place, tmp_path / "copy", embedder=given, every=None)
    assert str(caught.value).endswith(name)
    named = Settings.model_validate({stage: {field: name}})
    with RagTree.open_published(place, tmp_path / "copy", named, embedder=given, every=None) as read:
        assert getattr(getattr(read.settings, stage), field) == name


def test_closing_does_not_wait_for_a_place_that_does_not_answer(
    tree: RagTree, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    get, hangs, go_on = FolderStore.get, threading.Event(), threading.Event()

    def hanging(self: FolderStore, name: str, most: int) -> bytes | None:
        if name.startswith("blobs/"):
            hangs.set()
            go_on.wait(60)
        return get(self, name, most)

    monkeypatch.setattr(following, "_PATIENCE", 0.1)
    with reader(place, tmp_path / "copy", every=0.05):
        monkeypatch.setattr(FolderStore, "get", hanging)
        tree.add([document("record3", 2)])
        tree.publish(place)
        assert hangs.wait(30)
        began = time.monotonic()
    assert time.monotonic() - began < 10
    go_on.set()


async def _asked(place: Path, copy: Path) -> tuple[int, str]:
    async with AsyncRagTree.open_published(
        place, copy, sharing.settings(""), embedder=HashingEmbedder(), every=600
    ) as tree:
        assert tree.following is not None
        return (await tree.stats()).documents, tree.following.snapshot


def test_it_works_with_asyncio(tree: RagTree, place: Path, tmp_path: Path) -> None:
    import asyncio

    assert asyncio.run(_asked(place, tmp_path / "copy")) == (8, newest(place).stem)


def test_a_folder_without_an_index_is_not_published(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFoundError):
        RagTree.open(tmp_path / "nothing", read_only=True)
