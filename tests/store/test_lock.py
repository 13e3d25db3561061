"""One process holds an index."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sharing
from sharing import fill, noted, opened
from versions import faults

from ragtree.errors import IndexLockedError, StoreError
from ragtree.store.lock import IndexLock

HOLD = """
import sys
from pathlib import Path
from ragtree.store.lock import IndexLock
lock = IndexLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock of tmp_path."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_process_is_told_which_one_holds_the_index(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    with pytest.raises(IndexLockedError, match=rf"process {holder.pid}\b") as caught:
        IndexLock(tmp_path)
    assert "\n" not in str(caught.value)


def test_the_lock_is_free_when_its_process_was_killed(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    lock = IndexLock(tmp_path)
    assert f'"pid": {os.getpid()},' in (tmp_path / "lock.pid").read_text(encoding="ascii")
    lock.release()


def test_the_lock_is_free_after_release_and_releasing_twice_does_no_harm(tmp_path: Path) -> None:
    lock = IndexLock(tmp_path)
    with pytest.raises(IndexLockedError, match="open already in this process"):
        IndexLock(tmp_path)
    lock.release()
    lock.release()
    IndexLock(tmp_path).release()


def test_a_folder_that_cannot_be_written_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(StoreError, match="--index"):
        IndexLock(tmp_path / "file")


def test_the_number_of_a_dead_process_that_another_one_has_got_locks_nobody_out(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    (tmp_path / "lock.pid").write_text(str(os.getppid()), encoding="ascii")  # lives, and has never heard of it
    IndexLock(tmp_path).release()


def test_a_holder_that_has_died_and_left_the_lock_to_another_process_is_not_named_as_the_one_to_end(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / "lock.pid").write_text(str(ended.pid), encoding="ascii")
    with pytest.raises(IndexLockedError, match=f"a process that process {ended.pid} started"):
        IndexLock(tmp_path)


def test_an_index_whose_process_was_killed_while_it_synced_opens_at_once_and_is_sound(tmp_path: Path) -> None:
    log = tmp_path / "log"
    fill(tmp_path / "index", "", log)
    command = [sys.executable, sharing.__file__, "writer", str(tmp_path / "index"), "", str(log), "1000"]
    writer = subprocess.Popen(command)
    try:
        until = time.monotonic() + 60
        while len(noted(log)[0]) < 3 and time.monotonic() < until:
            time.sleep(0.02)
        with pytest.raises(IndexLockedError, match=rf"process {writer.pid}\b"):
            opened(tmp_path / "index", "")
    finally:
        writer.kill()
        writer.wait()
    states, done = noted(log)
    with opened(tmp_path / "index", "") as tree:
        leaves = tree.nodes(0)
        assert any(not faults(state, leaves) for state in states[done - 1 :])
        assert tree.search("the keeper of the mill", k=4)
        assert tree.verify() == []
