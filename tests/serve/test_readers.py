"""Readers see their part of the documents, and nothing that depends on the rest."""

from __future__ import annotations

import asyncio
import json
import os
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp.client.session import ClientSession
from mcp.client.streamable_http import streamable_http_client
from page_serving import SETTINGS, write_pdf
from running_app import running

from ragtree import AsyncRagTree, RagTree, Settings, StoreError
from ragtree.embed.hashing import HashingEmbedder
from ragtree.indexing.sync import Sync
from ragtree.serve import views
from ragtree.serve.app import make_app
from ragtree.serve.collections import ServedFolder
from ragtree.serve.guard import ServerAccess
from ragtree.serve.readers import AuthorizedReader

OWNER, SHOP, ALL, STRANGER = "owner-owner-owner", "shop-shop-shop-shop", "all-all-all-all-all", "x" * 20
READERS = (
    AuthorizedReader("shop", SHOP, {"notes": {"source": "shop/*"}}),
    AuthorizedReader("all", ALL, {"notes": {}, "books": {"source": "nothing/*"}}),
)
SEEN = {
    "shop/oil.md": "# Oil\n\nThe price of oil in March 1923 was two shillings. Abel Strake paid it.\n",
    "shop/wicks.md": "# Wicks\n\nA wick costs one penny. The keeper buys forty wicks in a year.\n",
    "shop/hours.txt": "The shop is open from nine to five. On Sundays it is closed.\n",
}
HIDDEN: tuple[dict[str, str], ...] = (
    {"board/minutes.md": "# Minutes\n\nThe Board dismissed Abel Strake in March 1923. The oil was stolen.\n"},
    {
        "board/letter.md": "# Letter\n\nThe price of oil is a secret. Salvator the parrot knows the price of wicks.\n",
        "board/sheet.csv": "month,oil\nMarch,77\nApril,88\n",
        "shopping.md": "The price of oil in March 1923 was nine shillings.\n",
    },
    {},
)
QUESTIONS = (
    "What was the price of oil in March 1923?",
    "Who is Salvator?",
    "Who dismissed Abel Strake?",
    "How many documents are there?",
    "What is in here?",
    "Which documents mention oil?",
    "Summarize the minutes of 1923",
    "hello",
)


def write(folder: Path, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        os.utime(path, (1_600_000_000, 1_600_000_000))


def folder_of(path: Path) -> ServedFolder:
    settings = Settings.model_validate({**SETTINGS.model_dump(), "llm": {"model": "none"}})
    path.mkdir(parents=True, exist_ok=True)
    return ServedFolder(path, path.parent / f"index of {path.name}", settings, embedder=HashingEmbedder())


@contextmanager
def serving(place: Path, hidden: Mapping[str, str], also: int = 0, **how: Any) -> Iterator[str]:
    """A server with two folders, for the owner and two readers, after the first sync. `also` are further documents."""
    write(place / "notes", SEEN)
    write(place / "notes", hidden)
    write(place / "books", {"whales.md": "# Whales\n\nA blue whale weighs 150 tons.\n"})
    folders = [folder_of(place / "notes"), folder_of(place / "books")]
    with running(make_app(folders, ServerAccess(OWNER, readers=READERS), **how)) as address:
        with client(address, OWNER) as owner:
            wait(lambda: status(owner, "notes") == len(SEEN) + len(hidden) + also and status(owner, "books") == 1)
        with client(address, SHOP) as shop:
            wait(lambda: status(shop, "notes") == len(SEEN) + also and "collection" in kinds(shop))
        yield address


def client(address: str, token: str) -> httpx.Client:
    return httpx.Client(base_url=address, timeout=60, headers={"authorization": f"Bearer {token}"})


def status(web: httpx.Client, name: str) -> int:
    """The number of documents, once the folder is read; -1 before."""
    told = web.get(f"/api/{name}/status").json()
    return -1 if told["progress"] else int(told["documents"])


def kinds(web: httpx.Client) -> dict[str, int]:
    """How many nodes of each kind there are."""
    found: dict[str, int] = web.get("/api/notes/status").json()["kinds"]
    return found


def wait(true: Any) -> None:
    for _ in range(600):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError("it did not become true in a minute")


def told(address: str, token: str) -> list[object]:
    """What a reader is told at every address that says something of documents."""
    with client(address, token) as web:
        paths = [
            "/api/collections",
            "/api/notes/status",
            "/api/notes/outline",
            "/api/notes/search?q=oil",
            "/api/notes/search?q=Salvator",
            "/api/notes/document?document=shop/oil.md",
            "/api/notes/document?document=board/minutes.md",
            "/api/notes/original?document=board/minutes.md",
            "/api/notes/node?document=board/minutes.md",
            "/api/notes/page?document=board/minutes.md",
            "/api/notes/highlights?document=board/letter.md",
            "/api/notes/why?turn=0&number=1",
            "/api/books/status",
            "/books/",
            "/v1/models",
            "/v1/models/ragtree/books",
            "/v1/files",
            "/v1/vector_stores",
            "/v1/vector_stores/vs_notes",
            "/v1/vector_stores/vs_books",
            "/v1/vector_stores/vs_notes/files",
        ]
        found: list[object] = [plain(web.get(path)) for path in paths]
        for question in QUESTIONS:
            messages = [{"role": "user", "content": question}]
            found.append(plain(web.post("/v1/chat/completions", json={"model": "ragtree", "messages": messages})))
            found.append(plain(web.post("/api/notes/ask", json={"question": question})))
            found.append(plain(web.post("/v1/responses", json={"model": "ragtree/notes", "input": question})))
            found.append(plain(web.post("/v1/vector_stores/vs_notes/search", json={"query": question})))
        found.append(plain(web.get("/api/notes/why?turn=0&number=1")))
    return found


RANDOM = re.compile(
    r'"(?:id|response_id|item_id|created|created_at|completed_at|last_active_at|seconds)": ?(?:"[^"]*"|[\d.]+)'
    r"|(?:resp|msg|fs|chatcmpl)[-_][0-9a-f]+|127\.0\.0\.1:\d+"
)


def plain(response: httpx.Response) -> tuple[int, str]:
    """A reply without what is random, the time, or the server's port."""
    return response.status_code, RANDOM.sub("", response.text)


def test_no_reply_depends_on_a_document_that_the_reader_may_not_see(tmp_path: Path) -> None:
    replies = []
    for number, hidden in enumerate(HIDDEN):
        with serving(tmp_path / str(number), hidden) as address:
            replies.append(told(address, SHOP))
    for other in replies[1:]:
        for first, second in zip(replies[0], other, strict=True):
            assert first == second
    everything = json.dumps(replies)
    assert "two shillings" in everything
    for secret in ("Salvator the", "Board dismissed", "stolen", "whale", "nine shillings", "a secret", "sheet.csv"):
        assert secret not in everything, secret


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("served"), HIDDEN[0], write=True, together=True) as served:
        yield served


def test_the_owner_sees_everything_and_a_reader_what_he_may(address: str) -> None:
    for token, names in ((OWNER, ["notes", "books", "all"]), (SHOP, ["notes"]), (ALL, ["notes", "books", "all"])):
        with client(address, token) as web:
            assert web.get("/api/collections").json() == names
    with client(address, ALL) as web:
        assert status(web, "notes") == len(SEEN) + len(HIDDEN[0])
        assert status(web, "books") == 0
    with client(address, SHOP) as web:
        assert web.get("/api/books/status").status_code == 404
        assert "books" not in web.get("/v1/models/ragtree/books").json()["error"]["message"].partition(";")[2]


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/login"), ("PUT", "/health"), ("OPTIONS", "/login"), ("POST", "/static/style.css")]
)
def test_other_methods_of_open_paths_need_a_token(address: str, method: str, path: str) -> None:
    assert httpx.request(method, f"{address}{path}", timeout=60).status_code == 401


@pytest.mark.parametrize("token", ["none", STRANGER, SHOP[:-1], f"{SHOP}x", OWNER.upper()])
def test_nobody_else_gets_in(address: str, token: str) -> None:
    with client(address, token) as web:
        for path in ("/api/collections", "/v1/models", "/mcp", "/notes/", "/api/notes/status"):
            assert web.get(path).status_code == 401


def test_a_reader_signs_in_on_the_page(address: str) -> None:
    with httpx.Client(base_url=address, timeout=60) as web:
        sent = web.post("/login?next=/notes/", data={"token": SHOP})
        assert (sent.status_code, sent.headers["location"]) == (303, "/notes/")
        assert SHOP not in str(web.cookies)
        assert web.get("/api/collections").json() == ["notes"]
        assert web.get("/static/main.js").status_code == 200


def test_all_folders_can_be_asked_at_once(address: str) -> None:
    with client(address, OWNER) as web:
        wait(lambda: status(web, "all") == len(SEEN) + len(HIDDEN[0]) + 1)
        for question, source in (
            ("What does a blue whale weigh?", "books/whales.md"),
            ("What does a wick cost?", "notes/shop/wicks.md"),
        ):
            messages = [{"role": "user", "content": question}]
            reply = web.post("/v1/chat/completions", json={"model": "ragtree/all", "messages": messages}).json()
            sources = [one["source"] for one in reply["choices"][0]["message"]["ragtree"]["citations"]]
            assert source in sources
        original = web.get("/api/all/original", params={"document": "books/whales.md"})
        assert original.text.startswith("# Whales")


def test_what_a_folder_loses_or_gains_the_reader_sees_soon(tmp_path: Path) -> None:
    with serving(tmp_path, {}) as address, client(address, SHOP) as web:
        write(
            tmp_path / "notes", {"shop/new.md": "A lantern costs ten pounds.\n", "board/new.md": "A secret lantern.\n"}
        )
        wait(lambda: status(web, "notes") == len(SEEN) + 1)
        assert len(web.get("/api/notes/search?q=lantern").json()) >= 1
        (tmp_path / "notes" / "shop" / "oil.md").unlink()
        wait(lambda: status(web, "notes") == len(SEEN))
        assert web.get("/api/notes/document?document=shop/oil.md").status_code == 404


def test_a_reader_sees_the_pages_of_his_own_files_only(tmp_path: Path) -> None:
    write(tmp_path / "notes", SEEN)
    for name in ("shop/byelaws.pdf", "board/byelaws.pdf"):
        (tmp_path / "notes" / name).parent.mkdir(exist_ok=True)
        write_pdf(tmp_path / "notes" / name)
    folders = [folder_of(tmp_path / "notes")]
    with running(make_app(folders, ServerAccess(readers=READERS[:1]))) as address, client(address, SHOP) as web:
        wait(lambda: status(web, "notes") == len(SEEN) + 1)
        assert web.get("/api/notes/page?document=shop/byelaws.pdf&page=2").content.startswith(b"\x89PNG")
        assert web.get("/api/notes/original?document=shop/byelaws.pdf").content.startswith(b"%PDF")
        for key in ("board/byelaws.pdf", "shop/../board/byelaws.pdf", "board%2Fbyelaws.pdf"):
            for what in ("page", "original", "highlights", "document"):
                assert web.get(f"/api/notes/{what}?document={key}").status_code == 404


def test_conversations_of_readers_are_apart(address: str) -> None:
    with httpx.Client(base_url=address, timeout=60) as web:
        as_owner, as_shop = ({"authorization": f"Bearer {token}"} for token in (OWNER, SHOP))
        web.post("/api/notes/ask", json={"question": "Who dismissed Abel Strake?"}, headers=as_owner)
        assert web.get("/api/notes/conversation", headers=as_owner).json()["answers"]
        assert web.get("/api/notes/conversation", headers=as_shop).json()["answers"] == []
        said = {"model": "ragtree/notes", "input": "Who dismissed Abel Strake?"}
        made = web.post("/v1/responses", json=said, headers=as_owner).json()
        goes_on = {"model": "ragtree/notes", "input": "why?", "previous_response_id": made["id"]}
        assert web.post("/v1/responses", json=goes_on, headers=as_shop).status_code == 400


def test_agents_of_readers_see_what_they_may_and_change_nothing(address: str) -> None:
    async def tools(token: str) -> tuple[set[str], str]:
        sending = httpx.AsyncClient(headers={"authorization": f"Bearer {token}"}, timeout=60)
        async with (
            sending,
            streamable_http_client(f"{address}/mcp", http_client=sending) as streams,
            ClientSession(*streams[:2]) as session,
        ):
            await session.initialize()
            names = {tool.name for tool in (await session.list_tools()).tools}
            found = await session.call_tool("search", {"query": "Abel Strake dismissed"})
            return names, str(found)

    names, found = asyncio.run(tools(SHOP))
    assert "add_document" not in names
    assert "minutes" not in found
    names, found = asyncio.run(tools(OWNER))
    assert "add_document" in names
    assert "minutes" in found


def test_views_that_nobody_sees_any_more_are_deleted(tmp_path: Path) -> None:
    parts = tmp_path / "index of notes" / "views"
    with serving(tmp_path, {}):
        assert len(list(parts.iterdir())) == 1
    other = (AuthorizedReader("shop", SHOP, {"notes": {"source": "shop/oil*"}}),)
    with (
        running(make_app([folder_of(tmp_path / "notes")], ServerAccess(readers=other))) as address,
        client(address, SHOP) as web,
    ):
        wait(lambda: status(web, "notes") == 1)
        assert len(list(parts.iterdir())) == 1


@pytest.fixture
def known(tmp_path: Path) -> Path:
    """A place with a folder and its index, and the part of the shop."""
    write_pdf_of(tmp_path / "notes")
    with serving(tmp_path, {}, also=1):
        return tmp_path


def write_pdf_of(folder: Path) -> None:
    (folder / "shop").mkdir(parents=True)
    write_pdf(folder / "shop" / "byelaws.pdf")


def unwatched(place: Path, readers: tuple[AuthorizedReader, ...] = READERS[:1]) -> Any:
    return running(make_app([folder_of(place / "notes")], ServerAccess(readers=readers), watch=False))


def test_a_file_that_changed_since_it_was_indexed_is_not_handed_out(known: Path) -> None:
    with unwatched(known) as address, client(address, SHOP) as web:
        (known / "notes" / "shop" / "oil.md").write_text("The secret of the Board.")
        (known / "notes" / "board").mkdir()
        write_pdf(known / "notes" / "board" / "secret.pdf")
        (known / "notes" / "shop" / "byelaws.pdf").unlink()
        (known / "notes" / "shop" / "byelaws.pdf").symlink_to("../board/secret.pdf")
        assert web.get("/api/notes/document?document=shop/oil.md").status_code == 200
        reply = web.get("/api/notes/original?document=shop/oil.md")
        assert (reply.status_code, "secret" in reply.text) == (404, False)
        for what in ("original", "page", "highlights"):
            assert web.get(f"/api/notes/{what}?document=shop/byelaws.pdf").status_code == 404


def test_a_part_that_cannot_be_brought_up_to_date_is_not_shown(known: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "_AFTER_FAILURE", 0.1)
    monkeypatch.setattr(views, "_PATIENCE", 0.3)
    fails = threading.Event()
    state = AsyncRagTree.state

    async def failing(tree: AsyncRagTree) -> str:
        if fails.is_set():
            raise OSError("the disk is gone")
        return await state(tree)

    monkeypatch.setattr(AsyncRagTree, "state", failing)
    with unwatched(known) as address, client(address, SHOP) as web:
        assert web.get("/api/notes/status").status_code == 200
        fails.set()
        wait(lambda: web.get("/api/notes/status").status_code == 503)
        assert "disk" not in web.get("/api/notes/search?q=oil").text
        fails.clear()
        wait(lambda: web.get("/api/notes/status").status_code == 200)


def test_what_a_reader_may_not_see_any_more_is_gone_from_the_first_request_on(
    known: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RagTree.open(
        known / "index of notes", folder_of(known / "notes").settings, embedder=HashingEmbedder()
    ) as tree:
        tree.remove(["shop/oil.md"])
    for fails in (False, True):
        if fails:  # the part is made anew then
            monkeypatch.setattr(Sync, "keep_only", raise_once(StoreError("the disk is full"), Sync.keep_only))
        with unwatched(known) as address, client(address, SHOP) as web:
            assert web.get("/api/notes/document?document=shop/oil.md").status_code == 404
            wait(lambda: status(web, "notes") == len(SEEN))


def raise_once(error: Exception, otherwise: Any) -> Any:
    raised: list[Exception] = []

    def call(*args: Any) -> Any:
        if not raised:
            raised.append(error)
            raise error
        return otherwise(*args)

    return call


def test_a_damaged_part_is_made_anew(known: Path) -> None:
    (part,) = (known / "index of notes" / "views").iterdir()
    (part / "catalog.sqlite").write_bytes(b"nothing")
    with unwatched(known) as address, client(address, SHOP) as web:
        wait(lambda: status(web, "notes") == len(SEEN) + 1)
