"""Several processes: a publisher and readers, which are killed at any moment, over a folder and over a slow bucket."""

from __future__ import annotations

import json
import random
import subprocess
import time
from pathlib import Path

import pytest
import sharing
from bucket_server import BucketServer
from processes import start

ROUNDS = 8


def ended(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err[-3000:]
    return out


def check(readers: list[subprocess.Popen[str]], least: int) -> None:
    for process in readers:
        told = json.loads(ended(process))
        assert told["wrong"] == []
        assert told["states"] >= least, told


def fill(tmp_path: Path) -> tuple[Path, Path]:
    """An index with the first state, and the log of what was published."""
    log = tmp_path / "log"
    log.touch()
    with sharing.opened(tmp_path / "index", "") as tree:
        sharing.change(tree, {}, dict.fromkeys(sharing.NAMES[:12], 1))
    return tmp_path / "index", log


def test_readers_see_whole_snapshots_in_their_order_while_the_publisher_is_killed(tmp_path: Path) -> None:
    index, log = fill(tmp_path)
    place = tmp_path / "place"
    readers = [start("reader", place, tmp_path / f"copy{number}", log) for number in range(2)]
    chance = random.Random(7)
    try:
        for number in range(8):
            publisher = start("publisher", index, place, log, 100, number)
            begun = len(sharing.noted(log)[0])
            while len(sharing.noted(log)[0]) == begun and publisher.poll() is None:
                time.sleep(0.01)
            time.sleep(0.8 * chance.random())
            publisher.kill()
            _, err = publisher.communicate()
            assert not err, err[-2000:]
        ended(start("publisher", index, place, log, 1, 99))
        sharing.over(log).touch()
        check(readers, 2)
    finally:
        for process in readers:
            process.kill()


def test_a_slow_bucket_that_fails_now_and_then_and_readers_that_are_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("obstore")
    index, log = fill(tmp_path)
    chance = random.Random(3)
    with BucketServer() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        server.delay = 0.005
        server.fails = lambda _: chance.random() < 0.1
        place = "s3://bucket/handbook"
        publisher = start("publisher", index, place, log, ROUNDS, 1)
        steady = start("reader", place, tmp_path / "copy0", log)
        killed = []
        try:
            while publisher.poll() is None:  # each reader continues with the copy of the one before
                killed.append(start("reader", place, tmp_path / "copy1", log))
                time.sleep(1.2 + chance.random())
                killed[-1].kill()
                killed[-1].communicate()
            ended(publisher)
            sharing.over(log).touch()
            check([steady, start("reader", place, tmp_path / "copy1", log)], 1)
        finally:
            for process in (publisher, steady):
                process.kill()
        assert len(killed) > 1
        assert len(server.names("bucket/handbook/snapshots/")) <= 3
