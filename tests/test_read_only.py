"""An index that cannot be written, opened read-only: search and ask work, and what would write raises an error."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from damaged import opened, write_folder
from library import ragtree
from test_disk import mounted

from ragtree import Document, RagTree, StoreError


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with its index."""
    folder = tmp_path_factory.mktemp("made") / "docs"
    write_folder(folder, 3, 8)
    with opened(folder / ".ragtree") as tree:
        tree.sync(folder)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "docs", ignore=shutil.ignore_patterns("lock*")))


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Path]:
    """Where `read_only_at` mounts a folder."""
    place = tmp_path / "mount"
    place.mkdir()
    yield place
    while subprocess.run(["umount", str(place)], capture_output=True, check=False).returncode == 0:
        pass


def read_only_at(place: Path, folder: Path) -> Path:
    mounted("--bind", folder, place)
    mounted("-o", "remount,bind,ro", place)
    return place


def found(tree: RagTree) -> list[list[str]]:
    leaf = tree.nodes(0)[3].text
    return [
        [hit.node.id for hit in tree.search(leaf, k=4, mode=mode)] for mode in ("leaves", "lexical", "hybrid", "auto")
    ]


def state(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_on_a_read_only_mount_it_finds_the_same_and_refuses_to_write(folder: Path, mount: Path) -> None:
    with opened(folder / ".ragtree") as tree:
        expected, answer = found(tree), tree.ask("What is told?").text
    before = state(folder)
    place = read_only_at(mount, folder) / ".ragtree"
    with opened(place, read_only=True) as tree, opened(place, read_only=True) as second:
        assert found(tree) == found(second) == expected
        assert tree.ask("What is told?").text == answer
        assert tree.verify() == []
        assert tree.read_only
        writes = (
            lambda: tree.add([Document(id="memo", text="The canary sings.")]),
            lambda: tree.remove(["paper00.txt"]),
            lambda: tree.sync(folder),
            lambda: tree.watch(folder),
            tree.repair,
            tree.purge,
        )
        for write in writes:
            with pytest.raises(StoreError, match="read_only") as caught:
                write()
            assert "\n" not in str(caught.value)
    with pytest.raises(StoreError, match=r"cannot be written.*read_only=True"):
        opened(place)
    assert state(folder) == before
    subprocess.run(["umount", str(mount)], check=True)  # nothing holds it


def test_a_log_that_was_left_open_is_read_too(folder: Path, mount: Path) -> None:
    index = folder / ".ragtree"
    tree = opened(index)
    tree.add([Document(id="memo", text="The canary is called Admiral. It sings at noon.")])
    crashed = Path(shutil.copytree(index, folder.parent / "crashed", ignore=shutil.ignore_patterns("lock*")))
    tree.close()
    assert (crashed / "catalog.sqlite-wal").stat().st_size
    for shared in (True, False):
        if not shared:
            (crashed / "catalog.sqlite-shm").unlink()
        with opened(read_only_at(mount, crashed), read_only=True) as reader:
            assert reader.search("canary Admiral", k=1)[0].node.document_id == "memo"
        subprocess.run(["umount", str(mount)], check=True)


def test_a_reader_on_a_read_only_mount_follows_who_writes_elsewhere(folder: Path, mount: Path) -> None:
    index = folder / ".ragtree"
    with opened(read_only_at(mount, index), read_only=True) as reader:
        assert "memo" not in {one.id for one in reader.documents()}
        for number in range(3):  # a writer that comes, writes, and goes
            with opened(index) as tree:
                tree.add([Document(id=f"memo{number}", text=f"The canary number {number} is called Admiral{number}.")])
                hits = reader.search(f"canary Admiral{number}", k=1, mode="lexical")
                assert hits[0].node.document_id == f"memo{number}"
            assert f"memo{number}" in {one.id for one in reader.documents()}


def test_a_reader_stands_beside_a_writer_and_writes_nothing(folder: Path) -> None:
    index = folder / ".ragtree"
    with opened(index) as tree, opened(index, read_only=True) as reader:
        tree.add([Document(id="memo", text="The canary is called Admiral.")])
        assert reader.search("canary", k=1)[0].node.document_id == "memo"
        assert reader.verify() == []
    before = state(folder).keys()
    with opened(index, read_only=True) as reader:
        assert found(reader)
    new = {name for name in state(folder).keys() - before if "sqlite-" not in name}  # SQLite's shared memory
    assert new == set()


def test_a_file_that_is_read_only_within_an_index_is_no_hindrance_for_who_reads(folder: Path, tmp_path: Path) -> None:
    index = folder / ".ragtree"
    for name in ("catalog.sqlite", "lock", "chroma/chroma.sqlite3", "lexical/leaves/meta.json"):
        path = index / name
        if not path.exists():
            path.touch()
        mounted("--bind", path, path)
        try:
            mounted("-o", "remount,bind,ro", path)
            with opened(index, read_only=True) as reader:
                assert all(found(reader))
            if name in ("catalog.sqlite", "lock"):
                with (
                    pytest.raises(StoreError, match=r"cannot be written.*read_only=True") as caught,
                    opened(index) as tree,
                ):
                    tree.add([Document(id="memo", text="The canary sings.")])
                assert "\n" not in str(caught.value)
        finally:
            subprocess.run(["umount", "-l", str(path)], check=False)


def test_a_missing_or_damaged_lexical_index_is_built_in_memory(folder: Path, mount: Path) -> None:
    with opened(folder / ".ragtree", read_only=True) as reader:
        expected = found(reader)
    (folder / ".ragtree" / "lexical" / "leaves" / "meta.json").write_text("{", encoding="utf-8")
    with opened(folder / ".ragtree", read_only=True) as reader:
        assert found(reader) == expected
    shutil.rmtree(folder / ".ragtree" / "lexical")
    with opened(read_only_at(mount, folder) / ".ragtree", read_only=True) as reader:
        assert found(reader) == expected


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to this user")
def test_without_the_right_to_write_it_is_read(folder: Path) -> None:
    index = folder / ".ragtree"
    for path in (index, *index.rglob("*")):
        path.chmod(0o500 if path.is_dir() else 0o400)
    try:
        with opened(index, read_only=True) as reader:
            assert all(found(reader))
    finally:
        for path in (index, *index.rglob("*")):
            path.chmod(0o700)


def test_commands_that_only_read_do_so_by_themselves_and_others_say_what_to_do(tmp_path: Path, mount: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "lamp.txt").write_text("The lamp at Gull Rock stands 74 feet above the tide.", encoding="utf-8")
    how = ("--llm", "none", "--set", "embed.kind=plain")
    assert ragtree("index", folder, *how).status == 0
    place = read_only_at(mount, folder)
    for command in (
        ("search", place, "lamp"),
        ("ask", place, "How high does the lamp stand?"),
        ("ask", place, "How high does the lamp stand?", "--no-sync"),
        ("search", place, "lamp", "--now"),
        ("list", place, "--pattern", "[0-9]+ feet"),
        ("tree", place),
        ("status", place),
        ("verify", place),
        ("chat", place),
    ):
        ran = ragtree(*command, *how, stdin="How high does the lamp stand?\n")
        assert ran.status == 0, (command, ran.err)
        assert ran.err.count("cannot be written: the index is opened read-only") == 1, (command, ran.err)
        assert ran.out.strip(), command
    for writes in (("index",), ("repair",), ("purge",), ("watch",), ("chat", "--watch")):
        command = (writes[0], place, *writes[1:])
        ran = ragtree(*command, *how)
        assert (ran.status, ran.out) == (1, ""), (command, ran.err)
        assert ran.err.count("\n") == 1, ran.err
        assert "cannot be written" in ran.err
