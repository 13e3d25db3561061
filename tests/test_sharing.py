"""Several processes and one index, through a Chroma server."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import sharing
from library import LIBRARY, copy_of, ragtree
from sharing import change, opened, served, share
from versions import document, faults

from ragtree import (
    IndexLockedError,
    IndexNotFoundError,
    IndexUnreachableError,
    RagTree,
    Settings,
    SettingsError,
    StoreError,
)
from ragtree.configuration import validate
from ragtree.embed.hashing import HashingEmbedder
from ragtree.store.lock import CHROMA
from ragtree.store.write_ahead import note_ahead

STATE = {f"record{number}": 1 for number in range(6)}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that was started without an index; every test has a database of its own on it."""
    folder = tmp_path_factory.mktemp("server")
    with served(folder, folder / "index") as url:
        yield url


@pytest.fixture
def shared(server: str, tmp_path: Path) -> Settings:
    return sharing.settings(f"{server}#{tmp_path.name.replace('_', '-')}")


def tree_of(path: Path, settings: Settings, read_only: bool = False) -> RagTree:
    return RagTree.open(path, settings, embedder=HashingEmbedder(), read_only=read_only)


def found(tree: RagTree) -> list[tuple[str, float]]:
    return [(hit.node.id, round(hit.score, 4)) for hit in tree.search("the keeper of record3", k=8, mode="leaves")]


def test_readers_in_other_processes_see_the_tree_before_a_sync_or_after_it(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    index = tmp_path / "index"
    with served(tmp_path / "folder", index) as url:
        outcome = share(index, url, tmp_path / "log", readers=2, queries=240, syncs=100)
    assert outcome.wrong == []
    assert outcome.queries == 240
    assert outcome.between > 30


def test_what_one_has_changed_another_finds_with_its_next_question(tmp_path: Path, shared: Settings) -> None:
    with tree_of(tmp_path / "index", shared) as one, tree_of(tmp_path / "index", shared) as other:
        change(one, {}, STATE)
        for version in (2, 3):
            one.add([document("record3", version)])
            leaves = [hit.node for hit in other.search("the keeper of record3", k=8, mode="leaves")]
            assert leaves
            assert faults({**STATE, "record3": version}, leaves) == []
        other.remove(["record3"])
        assert "record3" not in {hit.node.document_id for hit in one.search("record3", k=40)}
        assert one.verify() == other.verify() == []
        assert found(one) == found(other)


def test_only_one_writes_at_a_time_and_the_others_are_told_who(tmp_path: Path, shared: Settings) -> None:
    with tree_of(tmp_path / "index", shared) as tree:
        change(tree, {}, STATE)
        with holding(tmp_path / "index", "lock") as pid:
            with pytest.raises(IndexLockedError, match=rf"process {pid}\b"):
                tree.add([document("record3", 2)])
            assert found(tree)
        tree.add([document("record3", 2)])


def test_who_only_reads_writes_nothing(tmp_path: Path, shared: Settings) -> None:
    with pytest.raises(IndexNotFoundError, match="ragtree index"):
        tree_of(tmp_path / "index", shared, read_only=True)
    with tree_of(tmp_path / "index", shared) as tree:
        change(tree, {}, STATE)
        expected = found(tree)
    with tree_of(tmp_path / "index", shared, read_only=True) as reader:
        assert found(reader) == expected
        assert reader.ask("What did the keeper of record3 write down?").citations
        assert {one.id for one in reader.documents()} == STATE.keys()
        for write in (lambda: reader.add([document("record3", 2)]), reader.repair, lambda: reader.plan(tmp_path)):
            with pytest.raises(StoreError, match="read_only"):
                write()
        assert reader.verify() == []


def test_a_server_of_the_index_s_own_is_not_filled_anew_and_neither_is_the_index_afterwards(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with opened(tmp_path / "index", "") as tree:
        change(tree, {}, STATE)
        expected, before = found(tree), tree._catalog.facts().copy
    with served(folder, tmp_path / "index") as url:
        with pytest.raises(IndexLockedError, match=url):
            opened(tmp_path / "index", "")
        with opened(tmp_path / "index", url, read_only=True) as reader:
            assert found(reader) == expected
        with opened(tmp_path / "index", url) as tree:
            tree.add([document("record3", 2)])
            expected = found(tree)
    with opened(tmp_path / "index", "") as tree:
        assert found(tree) == expected
        assert tree.verify() == []
        assert tree._catalog.facts().copy == before


def test_a_server_that_is_empty_is_filled_and_a_copy_that_was_left_behind_is_written_anew(
    tmp_path: Path, shared: Settings
) -> None:
    with opened(tmp_path / "index", "") as tree:
        change(tree, {}, STATE)
        alone = found(tree)
    with pytest.raises(IndexUnreachableError, match="ragtree index"), tree_of(tmp_path / "index", shared, True) as tree:
        found(tree)
    with tree_of(tmp_path / "index", shared) as tree:
        tree.add([])
        assert found(tree) == alone
        tree.add([document("record3", 2)])  # the index's own Chroma does not know this document, but has as many nodes
        expected = found(tree)
    with opened(tmp_path / "index", "") as tree:
        assert found(tree) == expected
        assert tree.verify() == []


def test_a_server_with_another_index_is_refused(tmp_path: Path, shared: Settings) -> None:
    with tree_of(tmp_path / "one", shared) as tree:
        change(tree, {}, STATE)
    with tree_of(tmp_path / "other", shared) as tree:
        with pytest.raises(IndexUnreachableError, match=r"another index.*store\.url = http://\S+#NAME"):
            tree.add([document("record3", 2)])
        with pytest.raises(IndexUnreachableError, match="another index"):
            found(tree)


def test_an_index_can_be_repaired_on_a_server_and_is_not_purged_there(tmp_path: Path, shared: Settings) -> None:
    with tree_of(tmp_path / "index", shared) as one, tree_of(tmp_path / "index", shared, read_only=False) as other:
        change(one, {}, STATE)
        expected = found(other)
        one.repair()
        assert found(one) == found(other) == expected
        assert one.verify() == other.verify() == []
        with pytest.raises(StoreError, match=r"without store\.url"):
            one.purge()


def test_a_writer_that_died_within_a_change_leaves_nobody_waiting(tmp_path: Path, shared: Settings) -> None:
    with tree_of(tmp_path / "index", shared) as tree:
        change(tree, {}, STATE)
        expected = found(tree)
        leaf = tree.nodes(0)[0]
        note_ahead(tree._catalog, [leaf.id, "never made"])
        tree._mirrors.words.change([], [leaf.id])
    with tree_of(tmp_path / "index", shared, read_only=True) as reader:
        assert len(found(reader)) == len(expected)
        with tree_of(tmp_path / "index", shared) as tree:
            tree.add([])
            assert tree.verify() == []
        assert reader.verify() == []


@pytest.mark.parametrize(
    ("status", "text", "told"),
    [
        (200, '"0.6.3"', "version 0.6.3"),
        (410, '{"error":"Unimplemented"}', "no Chroma server"),
        (404, "", "no Chroma server"),
        (200, "<html>", "no Chroma server"),
        (401, "", "user:password"),
    ],
)
def test_what_is_no_server_of_this_version_is_told(tmp_path: Path, status: int, text: str, told: str) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    other = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=other.serve_forever, daemon=True).start()
    try:
        with opened(tmp_path / "index", f"http://127.0.0.1:{other.server_port}") as tree:
            with pytest.raises(IndexUnreachableError, match=told) as caught:
                tree.add([document("record3", 1)])
            assert "\n" not in str(caught.value)
    finally:
        other.shutdown()
        other.server_close()


def test_a_server_that_is_away_is_told_before_anything_is_embedded(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with opened(tmp_path / "index", f"http://user:secret@127.0.0.1:{port}") as tree:
        with pytest.raises(IndexUnreachableError, match=rf"127.0.0.1:{port}.*ragtree serve-store") as caught:
            tree.add([document("record3", 1)])
        assert "secret" not in str(caught.value)
        assert tree._catalog.rows("SELECT count(*) FROM vectors") == [(0,)]


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://x", "http://", "http://x#", "http://x#a b"])
def test_an_address_that_is_none_is_told(url: str) -> None:
    with pytest.raises(SettingsError, match=r"store\.url"):
        validate({"store": {"url": url}})


def test_a_server_that_was_killed_and_is_there_again_is_found_by_who_had_it_open(tmp_path: Path) -> None:
    (folder := tmp_path / "folder").mkdir()
    index = tmp_path / "index"
    with served(folder, index) as url:
        with opened(index, url) as tree:
            change(tree, {}, STATE)
        reader = opened(index, url, read_only=True)
        expected = found(reader)
    with pytest.raises(IndexUnreachableError, match=url):
        reader.search("the keeper of record3", k=8, mode="leaves")
    with served(folder, index, port=int(url.rpartition(":")[2])):
        assert found(reader) == expected
        with opened(index, url) as tree:
            tree.add([document("record3", 2)])
            assert tree.verify() == []
        assert found(reader) != expected
    reader.close()


def test_commands_ask_an_index_that_another_process_writes(library_index: Path, server: str, tmp_path: Path) -> None:
    index = copy_of(library_index, tmp_path / "index")
    how = (LIBRARY, "--index", index, "--set", f"store.url={server}#commands")
    first = ragtree("search", *how, "What did the stove cost?", "-k", 1)
    assert first.status == 0
    with holding(index, "lock") as pid:
        asked = ragtree("search", *how, "What did the stove cost?", "-k", 1)
        assert (asked.status, asked.out) == (0, first.out)
        assert f"process {pid}" in asked.err
        status = ragtree("status", *how)
        assert status.status == 0
        assert f"process {pid}" in status.err
        refused = ragtree("index", *how)
        assert refused.status == 1
        assert f"process {pid}" in refused.err


def test_an_index_that_is_open_is_not_served_and_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = ragtree("serve-store", folder, "--port", taken.getsockname()[1])
        assert (ran.status, ran.out) == (1, "")
        assert "--port" in ran.err
    (folder / ".ragtree").mkdir(exist_ok=True)
    with holding(folder / ".ragtree", CHROMA) as pid:
        ran = ragtree("serve-store", folder, "--port", "0")
        assert ran.status == 1
        assert f"process {pid}" in ran.err


@contextmanager
def holding(index: Path, name: str) -> Iterator[int]:
    """Another process that holds a lock of the index; yields its process id."""
    code = (
        "import sys; from pathlib import Path; from ragtree.store.lock import IndexLock\n"
        "lock = IndexLock(Path(sys.argv[1]), sys.argv[2]); print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(index), name]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process.pid
    finally:
        process.kill()
        process.communicate()
