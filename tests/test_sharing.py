"""Several processes and one index, through a Chroma server."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import chromadb
import chromadb.errors
import httpx
import pytest
import sharing
from chromadb.api import ClientAPI
from library import LIBRARY, copy_of, ragtree
from local_server import LocalServer
from sharing import change, opened, served, share
from versions import document, faults

from ragtree import (
    Document,
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
from ragtree.store.chroma_server import ServedStore
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


def test_an_index_can_be_repaired_on_a_server(tmp_path: Path, shared: Settings) -> None:
    with tree_of(tmp_path / "index", shared) as one, tree_of(tmp_path / "index", shared, read_only=False) as other:
        change(one, {}, STATE)
        expected = found(other)
        one.repair()
        assert found(one) == found(other) == expected
        assert one.verify() == other.verify() == []


SECRET = Document("secret", "The smuggler Quillfeather hid brandywine casks under the chandlery.")


def test_a_purge_through_a_server_leaves_no_record_and_no_file_of_the_index(
    tmp_path: Path, server: str, shared: Settings
) -> None:
    with tree_of(tmp_path / "index", shared) as one, tree_of(tmp_path / "index", shared, read_only=True) as other:
        change(one, {}, STATE)
        one.add([SECRET])
        expected = [hit for hit in found(other) if "secret" not in hit[0]]
        one.remove(["secret"])
        report = one.purge()
        assert (report.found, report.server) == ((), server)
        assert report.words >= 4
        assert report.left["nodes"] == report.left["leaves in Chroma"] + report.left["summaries in Chroma"]
        assert one.verify() == other.verify() == []
        assert found(one) == found(other) == expected
    assert not any(b"quillfeather" in path.read_bytes().lower() for path in files_of(tmp_path / "index"))


def test_a_purge_names_records_that_are_there_all_the_same(
    tmp_path: Path, shared: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tree_of(tmp_path / "index", shared) as tree:
        change(tree, {}, STATE)
        tree.add([SECRET])
        client = client_of(shared)
        leaves = client.get_collection("leaves")
        record = leaves.get(where={"document_id": "secret"}, include=["documents", "metadatas", "embeddings"])
        tree.remove(["secret"])

        def clear(_: ServedStore) -> None:
            """A server that does not do what it says."""
            leaves.upsert(record["ids"], record["embeddings"], record["metadatas"], record["documents"])

        monkeypatch.setattr(ServedStore, "clear", clear)
        told = "\n".join(tree.purge().found)
        assert f"the Chroma server has node {record['ids'][0]}, which is gone" in told
        assert "on the Chroma server still holds 'quillfeather'" in told
        client.close()


def client_of(settings: Settings) -> ClientAPI:
    server = settings.store
    names = {"tenant": server.tenant or "default_tenant", "database": server.database}
    return chromadb.HttpClient(server.address, **names)


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_tenant_and_its_database_are_made_and_nothing_else_is_written(tmp_path: Path, server: str) -> None:
    settings = sharing.settings(f"{server}#my.tenant/my-letters")
    with tree_of(tmp_path / "index", settings) as tree:
        change(tree, {}, STATE)
        expected = found(tree)
    with tree_of(tmp_path / "index", settings, read_only=True) as reader:
        assert found(reader) == expected
    client = client_of(settings)
    assert (client.tenant, client.database) == ("my.tenant", "my-letters")
    assert {one.name for one in client.list_collections()} == {"leaves", "summaries"}
    assert client.get_collection("leaves").count() > 0
    client.close()
    with pytest.raises(chromadb.errors.NotFoundError):
        chromadb.HttpClient(server, database="my-letters")
    nowhere = sharing.settings(f"{server}#other.tenant/my-letters")
    with tree_of(tmp_path / "index", nowhere, read_only=True) as reader, pytest.raises(IndexUnreachableError):
        found(reader)
    with pytest.raises(chromadb.errors.NotFoundError):  # who only reads makes nothing
        chromadb.HttpClient(server, tenant="other.tenant", database="my-letters")


KEY = "ck-a-secret-that-nobody-prints"


class Cloud(LocalServer):
    """Chroma Cloud in front of a Chroma: it asks for the key, and keeps to the quotas of its documentation."""

    def __init__(self, behind: str) -> None:
        self.behind = behind
        self.asked: list[tuple[str, str]] = []
        self.largest = 0
        super().__init__()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _pass(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                key = self.headers.get("X-Chroma-Token", "")
                outer.asked.append((self.path, key))
                status, content = 401, f"no: {key}".encode()
                if key == KEY or self.path.endswith("/version"):
                    said = json.loads(body) if body else {}
                    reads = self.path.endswith("/get") and not said.get("ids")
                    size = max(len(said.get("ids") or ()), said.get("limit") or 10**6 * reads, said.get("n_results", 0))
                    outer.largest = max(outer.largest, size)
                    status, content = 429, b'{"error":"quota"}'
                    if size <= 300:
                        done = httpx.request(self.command, outer.behind + self.path, content=body, timeout=30)
                        status, content = done.status_code, done.content
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(content)

        for method in ("GET", "POST", "PUT", "DELETE"):
            setattr(Handler, f"do_{method}", Handler._pass)
        return Handler


def test_the_key_goes_where_a_tenant_is_named_and_the_quotas_of_the_cloud_are_kept(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with Cloud(server) as cloud:
        settings = sharing.settings(f"{cloud.root}#cloud.tenant/many")
        with tree_of(tmp_path / "index", settings) as tree:
            with pytest.raises(IndexUnreachableError, match="CHROMA_API_KEY"):
                tree.add([document("record3", 1)])
            monkeypatch.setenv("CHROMA_API_KEY", f" {KEY}\n")
            change(tree, {}, {f"record{number}": 1 for number in range(300)})
            assert sum(tree._catalog.level_sizes()) > 600
            assert tree.verify() == []
            assert len(tree.search("the keeper of record3", k=400, mode="leaves")) == 400  # the catalog has the rest
            tree.remove([f"record{number}" for number in range(290)])
            tree.repair()
            assert (tree.verify(), tree.purge().found) == ([], ())
        assert 250 < cloud.largest <= 300
        cloud.asked.clear()
        without, refused = sharing.settings(f"{cloud.root}#without"), pytest.raises(IndexUnreachableError, match="401")
        with tree_of(tmp_path / "other", without) as tree, refused:
            tree.add([document("record3", 1)])
        assert {key for _, key in cloud.asked} == {""}
        monkeypatch.setenv("CHROMA_API_KEY", "another-secret")
        with tree_of(tmp_path / "index", settings) as tree, pytest.raises(IndexUnreachableError) as caught:
            found(tree)
        monkeypatch.setenv("CHROMA_API_KEY", "another\nsecret")
        with tree_of(tmp_path / "index", settings) as tree, pytest.raises(IndexUnreachableError) as broken:
            found(tree)
    told = f"{caught.value} {broken.value} {caplog.text}"
    assert "secret" not in told.replace("tests/", "")
    assert not any(KEY.encode() in path.read_bytes() for path in files_of(tmp_path))


def test_the_key_does_not_travel_in_clear() -> None:
    from ragtree.store.chroma_server import _authorization

    for url, sent in {
        "https://api.trychroma.com": True,
        "http://[::1]:8000": True,
        "http://localhost:8000": True,
        "http://10.0.0.5:8000": False,
        "http://localhost.example.org": False,
    }.items():
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CHROMA_API_KEY", KEY)
            assert (_authorization(urlsplit(url), key=True) == {"X-Chroma-Token": KEY}) == sent


def test_a_purge_names_the_files_that_a_server_of_the_index_s_own_chroma_keeps(tmp_path: Path) -> None:
    (folder := tmp_path / "folder").mkdir()
    with opened(tmp_path / "index", "") as tree:
        change(tree, {}, STATE)
        tree.add([SECRET])
    with served(folder, tmp_path / "index") as url, opened(tmp_path / "index", url) as tree:
        tree.remove(["secret"])
        assert {line.split("/")[0] for line in tree.purge().found} == {"chroma"}
    with opened(tmp_path / "index", "") as tree:
        assert tree.purge().found == ()


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


@pytest.mark.parametrize(
    "url", ["localhost:8000", "ftp://x", "http://", "http://x#", "http://x#a b", "http://x#abc/", "http://x#a/b/cde"]
)
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
    purged = ragtree("purge", *how, "--no-sync")
    assert purged.status == 0
    assert f"read: every record on the Chroma server {server}, but not its files" in purged.out


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
