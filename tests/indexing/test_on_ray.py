"""Ray builds the same index, whatever happens to its processes on the way. Needs the extra `ray`."""

from __future__ import annotations

import importlib.util
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from library import LIBRARY
from speaking_server import Asked, Said, SpeakingServer, streamed

from ragtree import Budget, RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.errors import MissingExtraError, SettingsError, WorkersError
from ragtree.reports import SyncReport
from ragtree.stopping import stopped_by
from ragtree.store.catalog import Catalog
from ragtree.types import Node

needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="the extra ray is not installed")
HASHING = HashingEmbedder(64)
ANSWER = "The lamp stands above the tide, and the keeper lights it every evening."


@pytest.fixture(scope="module")
def two_cores() -> Iterator[None]:
    """A Ray of this application, which syncs use as it is."""
    import ray

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    yield
    ray.shutdown()
    del os.environ["RAY_USAGE_STATS_ENABLED"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(LIBRARY, tmp_path / "docs"))


def synced(index: Path, folder: Path, on: str, settings: Settings | None = None) -> tuple[SyncReport, dict[str, Node]]:
    with RagTree.open(index, settings or Settings(), embedder=HASHING) as tree:
        report = tree.sync(folder, on=on)
        assert not tree.verify()
        return report, {node.id: node for node in tree.nodes()}


def same(one: SyncReport, other: SyncReport) -> bool:
    """True if two syncs did the same and counted the same."""
    names = "added changed renamed removed unchanged skipped notices embedded summarized nodes unwritten calls"
    return all(getattr(one, name) == getattr(other, name) for name in names.split())


@needs_ray
def test_an_index_is_the_same_and_stays_the_same_when_files_change(
    two_cores: None, folder: Path, tmp_path: Path
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    (first, nodes), (second, others) = synced(here, folder, ""), synced(there, folder, "local")
    assert nodes == others and same(first, second)
    files = sorted(path for path in folder.rglob("*.md") if path.stat().st_size > 2000)
    files[0].write_text(files[0].read_text() + "\n\nOne more paragraph, about the tides of the year 1931.\n")
    files[1].rename(files[1].with_name("renamed.md"))
    files[2].unlink()
    (folder / "new.txt").write_text("A note about the new rope for the ferry. " * 40)
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 and nothing else")
    (first, nodes), (second, others) = synced(here, folder, ""), synced(there, folder, "local")
    assert nodes == others and same(first, second)
    assert first.changed and first.renamed and first.removed and first.added and first.skipped
    again, _ = synced(there, folder, "local")
    assert not (again.added or again.changed or again.embedded)


@needs_ray
def test_documents_are_built_again_with_other_settings(two_cores: None, folder: Path, tmp_path: Path) -> None:
    other = Settings(tree={"group_tokens": 600})
    found = []
    for on in ("", "local"):
        synced(tmp_path / f"index{on}", folder, "")
        found.append(synced(tmp_path / f"index{on}", folder, on, other))
    assert found[0][1] == found[1][1] and same(found[0][0], found[1][0])


class Writer:
    """A language model behind a server, which counts what it is asked for."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.asked: list[str] = []
        self._seconds = seconds

    def __call__(self, asked: Asked) -> Said:
        self.asked.append(str(asked.body["messages"]))
        time.sleep(self._seconds)
        return streamed(ANSWER)


def written_by(server: SpeakingServer) -> Settings:
    return Settings(
        llm={"model": f"{server.url}#m", "retries": 0}, summarize={"tokens": 60}, tree={"group_tokens": 200}
    )


def notes(folder: Path, count: int, long: int = 30) -> Path:
    folder.mkdir()
    for number in range(count):
        lines = [f"The lamp of rock {number}-{line} stands {line} feet above the tide." for line in range(long)]
        (folder / f"n{number:02}.md").write_text(f"# Note {number}\n\n" + "\n\n".join(lines))
    return folder


def kill_one(name: str) -> None:
    """Kill a process of Ray in which an actor works."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        for process in psutil.Process().children(recursive=True):
            try:
                if process.name().startswith("ray::") and name in "".join(process.cmdline()):
                    process.kill()
                    return
            except psutil.NoSuchProcess:
                continue
        time.sleep(0.02)
    raise AssertionError(f"no process of Ray works on {name}")


@needs_ray
def test_a_killed_worker_loses_nothing_and_repeats_little(two_cores: None, tmp_path: Path) -> None:
    folder = notes(tmp_path / "docs", 12)
    writer = Writer(0.05)
    with SpeakingServer(writer) as server:
        _, nodes = synced(tmp_path / "here", folder, "", written_by(server))
        once = sorted(writer.asked)
        writer.asked.clear()

        killed = []

        def kill() -> None:
            for count in (12, 24):
                ends = time.monotonic() + 120
                while len(writer.asked) < count and time.monotonic() < ends:
                    time.sleep(0.01)
                kill_one("BuildingActor.build")
                killed.append(len(writer.asked))

        killing = threading.Thread(target=kill)
        killing.start()
        _, others = synced(tmp_path / "there", folder, "local", written_by(server))
        killing.join()
    assert len(killed) == 2
    assert nodes == others
    assert sorted(set(writer.asked)) == once
    assert len(writer.asked) - len(once) <= 2 * 2  # what the two that were killed had asked for at that moment


@needs_ray
@pytest.mark.parametrize("on", ["", "local"])
def test_what_a_document_has_cost_that_then_fails_is_counted(two_cores: None, on: str, tmp_path: Path) -> None:
    answered: list[str] = []
    of_first: list[str] = []  # of the newest, which is built first

    def answer(asked: Asked) -> Said:
        said = str(asked.body["messages"])
        if "rock 4-" in said:
            of_first.append(said)
            if len(of_first) > 2:  # so often that the model counts as gone
                return Said("this is too much", 400)
        answered.append(said)
        return streamed(ANSWER)

    folder = notes(tmp_path / "docs", 5, 120)
    with SpeakingServer(answer) as server:
        settings = written_by(server)
        one_at_once = settings.model_copy(update={"llm": settings.llm.model_copy(update={"concurrency": 1})})
        with RagTree.open(tmp_path / "index", one_at_once, embedder=HASHING) as tree:
            report = tree.sync(folder, on=on)
    assert len(report.skipped) == 1
    assert report.calls == len(answered)


@needs_ray
def test_a_catalog_that_cannot_answer_any_more_ends_the_sync(
    two_cores: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Catalog, "get_vectors", lambda *_: threading.Lock())  # which cannot be sent
    too_long = threading.Event()
    timer = threading.Timer(60, too_long.set)
    timer.start()
    with stopped_by(too_long), pytest.raises(WorkersError, match=r"get no answers from the catalog any more: .*lock"):
        synced(tmp_path / "index", notes(tmp_path / "docs", 2), "local")
    timer.cancel()


COMMAND = [sys.executable, "-m", "ragtree", "index", "--set", "embed.backend=static"]
COORDINATOR = """
import sys
from pathlib import Path
from ragtree import RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder

index, folder, settings = sys.argv[1:]
with RagTree.open(index, Settings.model_validate_json(settings), embedder=HashingEmbedder(64)) as tree:
    tree.sync(folder, on="local")
"""


@needs_ray
def test_after_a_killed_coordinator_the_next_sync_goes_on(two_cores: None, tmp_path: Path) -> None:
    folder = notes(tmp_path / "docs", 10)
    writer = Writer(0.05)
    with SpeakingServer(writer) as server:
        settings = written_by(server)
        command = [sys.executable, "-c", COORDINATOR, tmp_path / "index", folder, settings.model_dump_json()]
        process = subprocess.Popen(command, start_new_session=True)
        while len(writer.asked) < 15 and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        time.sleep(2)  # its workers notice it
        _, nodes = synced(tmp_path / "index", folder, "local", settings)
    with SpeakingServer(plain := Writer()) as server:
        _, others = synced(tmp_path / "here", folder, "", written_by(server))
    assert len([node for node in nodes.values() if node.kind == "document"]) == 10
    assert [node.text for node in nodes.values()] == [node.text for node in others.values()]
    assert len(writer.asked) <= len(plain.asked) + 8


@needs_ray
def test_the_command_prints_what_it_always_prints(folder: Path, tmp_path: Path) -> None:
    said = [
        subprocess.run(
            [*COMMAND, folder, "--index", tmp_path / f"index{len(more)}", *more],
            capture_output=True,
            text=True,
            check=True,
        )
        for more in ([], ["--on", "local"])
    ]
    assert said[0].stdout == said[1].stdout
    first, second = ([line.rpartition(" in ")[0] for line in one.stderr.splitlines()] for one in said)
    assert first == second


def test_without_the_extra_the_pip_line_is_told(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ray" else find(name))
    with RagTree.open(tmp_path / "index", embedder=HASHING) as tree:
        with pytest.raises(MissingExtraError, match=r"pip install 'ragtree\[ray\]'"):
            tree.sync(folder, on="local")
        assert not tree.nodes()


@pytest.mark.parametrize("on", ["here", "http://host:10001", "ray://", "host:6379"])
def test_an_address_in_another_form_is_refused(on: str, folder: Path, tmp_path: Path) -> None:
    with (
        RagTree.open(tmp_path / "index", embedder=HASHING) as tree,
        pytest.raises(SettingsError, match="wanted is local or ray://host:10001"),
    ):
        tree.sync(folder, on=on)


@needs_ray
def test_a_cluster_that_is_not_there_is_one_error(folder: Path, tmp_path: Path) -> None:
    program = f"""
import pytest
from ragtree import RagTree
from ragtree.embed.hashing import HashingEmbedder
from ragtree.errors import WorkersError
with RagTree.open({str(tmp_path / "index")!r}, embedder=HashingEmbedder(64)) as tree:
    with pytest.raises(WorkersError, match="Ray at ray://127.0.0.1:9 cannot be used"):
        tree.sync({str(folder)!r}, on="ray://127.0.0.1:9")
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


def test_a_budget_of_tokens_is_refused(folder: Path, tmp_path: Path) -> None:
    with (
        RagTree.open(tmp_path / "index", embedder=HASHING) as tree,
        pytest.raises(SettingsError, match="budget of tokens"),
    ):
        tree.sync(folder, on="local", budget=Budget(tokens=1000))
