"""`ragtree serve --from`: a server follows what is published, and drops no question when it switches."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest
import sharing
from library import ragtree
from running_app import running
from starlette.applications import Starlette
from versions import document

from ragtree import Message, RagTree
from ragtree.embed.hashing import HashingEmbedder
from ragtree.llm.base import ChatModel
from ragtree.llm.scripted import ScriptedChat
from ragtree.publish import copies
from ragtree.serve.app import make_app
from ragtree.serve.collections import ServedFolder
from ragtree.serve.guard import ServerAccess
from ragtree.serve.readers import AuthorizedReader

TOKEN = "part-part-part-part"


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[RagTree]:
    with sharing.opened(tmp_path / "index", "") as tree:
        sharing.change(tree, {}, dict.fromkeys(sharing.NAMES[:6], 1))
        tree.publish(tmp_path / "handbook")
        yield tree


def app_of(tmp_path: Path, llm: ChatModel | None = None, access: ServerAccess | None = None) -> Starlette:
    place, copy = tmp_path / "handbook", tmp_path / "copy"
    folder = ServedFolder(
        copy / "files" / "handbook",
        copy,
        sharing.settings(""),
        HashingEmbedder(),
        llm,
        published=str(place),
        every=0.05,
    )
    return make_app([folder], access or ServerAccess())


def ask(address: str, question: str, token: str = "") -> dict[str, object]:
    body = {"model": "ragtree/handbook", "messages": [{"role": "user", "content": question}]}
    headers = {"authorization": f"Bearer {token}"} if token else {}
    reply = httpx.post(f"{address}/v1/chat/completions", json=body, headers=headers, timeout=60)
    assert reply.status_code == 200, reply.text
    message: dict[str, object] = reply.json()["choices"][0]["message"]
    return message


def until(wanted: object, seconds: float = 30) -> None:
    ends = time.monotonic() + seconds
    while not wanted():  # type: ignore[operator]
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_no_question_is_dropped_while_snapshots_are_switched(
    tree: RagTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "_GRACE", 0.5)  # so that snapshots are also removed meanwhile
    with running(app_of(tmp_path)) as address:
        answers: list[dict[str, object]] = []
        failures: list[Exception] = []
        over = threading.Event()

        def asking() -> None:
            while not over.is_set():
                try:
                    answers.append(ask(address, "What did the keeper of record3 write down?"))
                except (AssertionError, httpx.HTTPError) as failure:  # it would only end this thread
                    failures.append(failure)

        clients = [threading.Thread(target=asking) for _ in range(3)]
        for client in clients:
            client.start()
        try:
            for version in range(2, 8):
                tree.add([document("record3", version)])
                tree.publish(tmp_path / "handbook", purge=True)
                count = len(answers)
                until(lambda count=count: len(answers) > count + 3)  # type: ignore[misc]
            until(lambda: "version 7" in json.dumps(answers[-1]))
        finally:
            over.set()
            for client in clients:
                client.join(60)
        assert failures == []
        assert len(answers) > 20
        assert all("record3" in json.dumps(answer) for answer in answers)


def test_a_question_in_flight_ends_with_the_snapshot_that_it_began_with(
    tree: RagTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "_GRACE", 0)
    begun, go_on = threading.Event(), threading.Event()

    def reply(messages: Sequence[Message]) -> str:
        begun.set()
        go_on.wait(60)
        return "The keeper of record3 wrote version 1 of it down [1]."

    with running(app_of(tmp_path, ScriptedChat(reply))) as address:
        answers: list[dict[str, object]] = []
        client = threading.Thread(
            target=lambda: answers.append(ask(address, "Which version did the keeper of record3 write down?"))
        )
        client.start()
        assert begun.wait(30)
        tree.remove(["record3"])
        tree.publish(tmp_path / "handbook", purge=True)
        until(lambda: "record3" not in documents(address))
        time.sleep(0.3)  # further looks delete the snapshot that the question reads
        go_on.set()
        client.join(60)
        assert "record3" in json.dumps(answers[0])
        assert "version 1" in json.dumps(answers[0])


def documents(address: str) -> str:
    """The names of the documents that the server lists."""
    reply = httpx.get(f"{address}/v1/vector_stores", timeout=60).json()["data"][0]["id"]
    return httpx.get(f"{address}/v1/vector_stores/{reply}/files?limit=100", timeout=60).text


def test_readers_rights_hold_for_what_is_published(tree: RagTree, tmp_path: Path) -> None:
    access = ServerAccess(readers=(AuthorizedReader("part", TOKEN, {"handbook": {"source": "record[0-2]"}}),))
    with running(app_of(tmp_path, access=access)) as address:
        assert "record1" in json.dumps(ask(address, "What did the keeper of record1 write down?", TOKEN))
        headers = {"authorization": f"Bearer {TOKEN}"}
        outline = httpx.get(f"{address}/api/handbook/outline", headers=headers, timeout=60)
        assert "record4" not in outline.text


def test_the_command_serves_what_is_published_until_a_signal(library_index: Path, tmp_path: Path) -> None:
    assert ragtree("publish", library_index, tmp_path / "library").status == 0
    line = [sys.executable, "-m", "ragtree", "serve", "--from", tmp_path / "library", "--copy", tmp_path / "copies"]
    with subprocess.Popen([*map(str, line), "--port", "0"], stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        address = server.stderr.readline().split()[2].rstrip(";")
        with urllib.request.urlopen(f"{address}/api/collections") as reply:
            assert reply.read() == b'["library"]'
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0
        assert server.stderr.read() == "the server has ended\n"


def test_what_cannot_be_served_is_told_in_one_line(tmp_path: Path) -> None:
    for arguments, status, told in [
        ([], 2, "name a FOLDER, or with --from where an index is published"),
        (["--from", tmp_path / "nowhere", "--copy", tmp_path / "copies"], 1, "nothing is published at"),
        (
            ["--from", "s3://key:secret@bucket/x", "--copy", tmp_path / "copies"],
            1,
            "keys are read from the environment",
        ),
    ]:
        ran = ragtree("serve", *arguments)
        assert (ran.status, ran.out) == (status, "")
        assert told in ran.err
        assert "secret" not in ran.err
