"""A full disk, a folder that cannot be written, a clock that jumps: the error is clear, and nothing is lost."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from damaged import copy, make, opened, write_folder

from ragtree import IndexDamagedError, IndexLockedError, RagTree, StoreError

MANY = 60_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("disk") / "docs"
    write_folder(path, 6)
    return path


def mounted(*arguments: str | Path) -> None:
    """Mount something, or skip the test if that is not allowed."""
    if os.name != "posix" or shutil.which("mount") is None:
        pytest.skip("there is no mount here")
    done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"not allowed to mount: {done.stderr.strip()}")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system for this test."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted("-t", "tmpfs", "-o", "size=200k", "tmpfs", place)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=False)


def one_sentence(error: BaseException) -> str:
    text = str(error)
    assert "\n" not in text
    return text


def test_wherever_the_disk_is_full_the_next_sync_goes_on(folder: Path, disk: Path) -> None:
    size, sentences, damaged = 200, [], False
    while True:
        try:
            with opened(disk / "index") as tree:
                if damaged:  # files of Chroma were left half written
                    tree.repair()
                tree.sync(folder)
                assert tree.verify() == []
                assert tree.search(tree.nodes(0)[3].text, k=1)[0].node.id == tree.nodes(0)[3].id
                break
        except StoreError as error:
            damaged = isinstance(error, IndexDamagedError)
            sentences.append(one_sentence(error))
            assert damaged == ("ragtree repair" in sentences[-1])
        size = size * 5 // 4
        assert size * 1024 < MANY, sentences[-1]
        mounted("-o", f"remount,size={size}k", disk)
    assert len(sentences) >= 5
    assert sum("make room" in text or "room and is sound" in text for text in sentences) >= len(sentences) - 2


def test_a_purge_and_a_repair_on_a_full_disk_leave_the_index_as_it_was(folder: Path, disk: Path) -> None:
    mounted("-o", "remount,size=60m", disk)
    with opened(disk / "index") as tree:
        tree.sync(folder)
        used = sum(path.stat().st_size for path in disk.rglob("*") if path.is_file()) // 1024
        mounted("-o", f"remount,size={used + 600}k", disk)
        for upkeep in (tree.repair, tree.purge):
            with pytest.raises(StoreError) as caught:
                upkeep()
            assert "room" in one_sentence(caught.value)
        leaf = tree.nodes(0)[3]
        assert tree.search(leaf.text, k=1)[0].node.id == leaf.id
    mounted("-o", "remount,size=60m", disk)
    with opened(disk / "index") as tree:
        tree.purge()
        assert tree.verify() == []


def test_a_limit_on_the_size_of_files_is_one_sentence(folder: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    with opened(index) as tree:
        tree.stats()
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
        try:
            with pytest.raises(StoreError) as caught:
                tree.sync(folder)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert "room" in one_sentence(caught.value)
        tree.sync(folder)
        assert tree.verify() == []


def test_a_folder_that_cannot_be_written_is_one_sentence(folder: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    with opened(index) as tree:
        tree.sync(folder)
    mounted("--bind", index, index)
    try:
        mounted("-o", "remount,bind,ro", index)
        with pytest.raises(StoreError, match="cannot be written") as caught:
            opened(index)
        assert "--index" in one_sentence(caught.value)
    finally:
        subprocess.run(["umount", "-l", str(index)], check=False)
    with opened(index) as tree:
        assert tree.verify() == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to this user")
def test_a_folder_without_the_right_to_write_is_one_sentence(folder: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    with opened(index) as tree:
        tree.sync(folder)
    index.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="cannot be written"):
            opened(index)
    finally:
        index.chmod(0o700)


def test_noise_in_the_files_of_the_lock_locks_nobody_out(folder: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    with opened(index) as tree:
        tree.sync(folder)
    for name in ("lock", "lock.pid"):
        (index / name).write_bytes(os.urandom(100))
    with opened(index) as tree:
        assert tree.verify() == []
        (index / "lock.pid").write_bytes(os.urandom(100))
        with pytest.raises(IndexLockedError, match="open already in this process") as caught:
            opened(index)
        one_sentence(caught.value)


@pytest.mark.parametrize("jump", [-10 * 365 * 86_400.0, 10 * 365 * 86_400.0])
def test_a_clock_that_jumps_between_two_syncs_hides_no_change(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    docs = tmp_path / "docs"
    shutil.copytree(folder, docs)
    with opened(tmp_path / "index") as tree:
        tree.sync(docs)
        real = time.time
        monkeypatch.setattr(time, "time", lambda: real() + jump)
        path = docs / "paper01.txt"
        text = path.read_text(encoding="utf-8")
        path.write_text(text[:-1] + "!", encoding="utf-8")  # as long as it was
        os.utime(path, (real() + jump, real() + jump))
        assert tree.sync(docs).changed == ("paper01.txt",)
        (docs / "paper02.txt").unlink()
        assert tree.sync(docs).removed == ("paper02.txt",)
        monkeypatch.undo()
        os.utime(path, (1, 1))
        report = tree.sync(docs)
        assert (report.changed, report.calls) == ((), 0)
        assert tree.verify() == []
    with opened(tmp_path / "index") as tree:
        assert tree.verify() == []


def test_the_clock_of_files_made_in_the_future_is_believed_no_more_than_their_bytes(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    write_folder(docs, 3)
    future = time.time() + 10**8
    for path in docs.iterdir():
        os.utime(path, (future, future))
    with opened(tmp_path / "index") as tree:
        tree.sync(docs)
        path = docs / "paper00.txt"
        path.write_text(path.read_text(encoding="utf-8").upper(), encoding="utf-8")
        assert tree.sync(docs).changed == ("paper00.txt",)


def test_a_copy_of_the_sound_index_is_no_other(tmp_path: Path) -> None:
    """What the tests of damage rely on."""
    write_folder(tmp_path / "docs", 4)
    make(tmp_path / "index", tmp_path / "docs")
    index = copy(tmp_path / "index", tmp_path / "copy")
    assert RagTree.salvage(index) is None
    with opened(index) as tree:
        report = tree.sync(tmp_path / "docs")
        assert (report.calls, report.embedded) == (0, 0)
