"""AsyncRagTree in a running loop: cancelling, many tasks, steps and pieces as they arrive, what remains at the end."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from endless import Endless
from test_forks import in_child, is_refused

from ragtree import (
    AsyncChat,
    AsyncRagTree,
    AsyncWatching,
    Chat,
    Document,
    Progress,
    QueryError,
    RagTree,
    Settings,
    StoreError,
    Watching,
)
from ragtree.async_jobs import Jobs
from ragtree.embed.hashing import HashingEmbedder
from ragtree.llm.scripted import ScriptedChat

QUESTION = "Who is the keeper of the light?"
MEMO = "The keeper of the light is Abel Strake. The oil comes in barrels from Tolbrack. The canary sings at noon."
SAID = "The keeper of the light is Abel Strake. The canary sings at noon."


def settings(kind: str = "extractive") -> Settings:
    values = {
        "chunk": {"tokens": 16},
        "summarize": {"tokens": 24, "kind": kind},
        "tree": {"group_tokens": 64},
    }
    return Settings.model_validate(values)


def opened(path: Path, llm: Any = None, kind: str = "extractive", **how: Any) -> Any:
    return AsyncRagTree.open(
        path, settings(kind), embedder=HashingEmbedder(), llm=llm or ScriptedChat([SAID] * 9), **how
    )


async def until(wanted: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not wanted():
            await asyncio.sleep(0.01)


def in_loop(test: Callable[[Path], Coroutine[Any, Any, None]]) -> Callable[[Path], None]:
    """Run a test in a loop, and check that no thread is left."""

    def run(tmp_path: Path) -> None:
        before = set(threading.enumerate())

        async def tested() -> None:
            await test(tmp_path)
            left = [one for one in threading.enumerate() if one not in before and one.name.startswith("ragtree")]
            assert left == []

        asyncio.run(tested())

    run.__name__ = test.__name__
    return run


@in_loop
async def test_answers_come_in_pieces_and_syncs_in_steps(path: Path) -> None:
    (path / "docs").mkdir()
    (path / "docs" / "memo.md").write_text(MEMO, encoding="utf-8")
    async with opened(path / "index") as tree:
        work = tree.sync(path / "docs")
        steps = [step async for step in work]
        assert {step.stage for step in steps} >= {"load", "embed"}
        assert all(isinstance(step, Progress) for step in steps)
        assert (await work).added == ("memo.md",)
        told: list[Progress] = []
        assert (await tree.sync(path / "docs", told.append)).unchanged == 1
        await tree.add([Document(id="note", text="The bell weighs two tons.")], told.append)
        assert told
        chat = tree.chat()
        pieces = [piece async for piece in chat.stream(QUESTION)]
        assert "Abel Strake" in "".join(pieces)
        assert chat.last is not None
        assert chat.last.text == "".join(pieces).strip() or chat.last.supported
        assert [document.id async for document in tree.documents()] == ["memo.md", "note"]


@in_loop
async def test_errors_are_those_of_the_tree_wherever_they_come(path: Path) -> None:
    async with opened(path / "index") as tree:
        with pytest.raises(QueryError, match="empty"):
            await tree.search(" ")
        with pytest.raises(QueryError, match="empty"):
            async for _ in tree.chat().stream(""):
                pass
        work = tree.sync(path / "nowhere")
        with pytest.raises(Exception, match="nowhere"):
            async for _ in work:
                pass
        with pytest.raises(TypeError, match="unexpected"):
            tree.sync(path, folders=3)
    await tree.close()
    for call in (lambda: tree.search("x"), lambda: tree.stats(), lambda: tree.add([])):
        with pytest.raises(StoreError, match="is closed"):
            await call()


@in_loop
async def test_cancelling_the_task_stops_the_model(path: Path) -> None:
    for ask in (
        lambda tree: tree.ask(QUESTION),
        lambda tree: tree.chat().ask(QUESTION),
        lambda tree: read(tree.chat().stream(QUESTION)),
        lambda tree: tree.ask(QUESTION, schema={"type": "object", "properties": {"name": {"type": "string"}}}),
    ):
        model = Endless()
        async with opened(path / "index", model) as tree:
            await tree.add([Document(id="memo", text=MEMO)])
            task = asyncio.ensure_future(ask(tree))
            await until(model.begun.is_set)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await until(model.closed.is_set)
            assert await tree.search("canary", k=1)


async def read(pieces: Any) -> str:
    return "".join([piece async for piece in pieces])


@in_loop
async def test_a_stream_that_is_closed_or_left_stops_the_model(path: Path) -> None:
    model = Endless()
    async with opened(path / "index", model) as tree:
        await tree.add([Document(id="memo", text=MEMO)])
        stream = tree.chat().stream(QUESTION)
        reading = asyncio.ensure_future(anext(stream))
        await until(model.begun.is_set)
        await stream.aclose()
        await stream.aclose()
        assert model.closed.is_set()
        reading.cancel()


@in_loop
async def test_a_sync_that_is_cancelled_leaves_a_sound_index(path: Path) -> None:
    (path / "docs").mkdir()
    for number in range(30):
        text = f"The ship number {number} carries tar and rope to Tolbrack in the month of May. " * 3
        (path / "docs" / f"ship{number}.txt").write_text(text, encoding="utf-8")
    async with opened(path / "index") as tree:
        for count in (2, 9, 20):
            seen = 0
            work = tree.sync(path / "docs")

            async def follow(work: Any = work, count: int = count) -> None:
                nonlocal seen
                async for _ in work:
                    seen += 1
                    if seen == count:
                        asyncio.current_task().cancel()  # type: ignore[union-attr]

            with pytest.raises(asyncio.CancelledError):
                await follow()
            with pytest.raises(asyncio.CancelledError):
                await work
            assert await tree.verify() == []
        await tree.sync(path / "docs")
        assert (await tree.stats()).documents == 30
        assert await tree.verify() == []


@in_loop
async def test_a_sync_whose_summaries_are_being_written_can_be_cancelled(path: Path) -> None:
    model = Endless()
    async with opened(path / "index", model, "abstractive") as tree:
        text = " ".join(f"The crane number {number} was painted in {1900 + number}." for number in range(24))
        task = asyncio.ensure_future(take(tree.add([Document(id="paint", text=text)])))
        await until(model.begun.is_set)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(model.closed.is_set)
        assert (await tree.stats()).documents == 0


async def take(work: Any) -> Any:
    return await work


@in_loop
async def test_many_tasks_share_few_threads(path: Path) -> None:
    most = 0

    class Counted(HashingEmbedder):
        def embed_query(self, text: str) -> Any:
            nonlocal most
            running = [one for one in threading.enumerate() if one.name.startswith("ragtree-async")]
            most = max(most, len(running))
            return super().embed_query(text)

    async with AsyncRagTree.open(path / "index", settings(), embedder=Counted(), threads=3) as tree:
        await tree.add([Document(id=f"ship{number}", text=f"The ship {number} carries tar.") for number in range(9)])
        found = await asyncio.gather(*(tree.search(f"ship {number}", k=1) for number in range(60)))
        assert all(found)
    assert 0 < most <= 3


@in_loop
async def test_close_stops_running_calls_and_their_callers_get_an_error(path: Path) -> None:
    model = Endless()
    async with opened(path / "index", model) as tree:
        await tree.add([Document(id="memo", text=MEMO)])
        task = asyncio.ensure_future(tree.ask(QUESTION))
        await until(model.begun.is_set)
        await asyncio.gather(tree.close(), tree.close())
        with pytest.raises(StoreError, match="closed"):
            await task
        assert model.closed.is_set()
    async with opened(path / "index") as again:
        assert (await again.stats()).documents == 1


@in_loop
async def test_what_a_task_reads_in_a_snapshot_is_of_one_state(path: Path) -> None:
    async with opened(path / "index") as tree:
        await tree.add([Document(id="memo", text=MEMO)])
        async with tree.snapshot():
            before = await tree.nodes()
            await asyncio.create_task(take(tree.remove(["memo"])), context=contextvars.Context())
            assert await tree.nodes() == before
            assert [document.id async for document in tree.documents()] == ["memo"]
        assert await tree.nodes() == []


@in_loop
async def test_a_folder_is_watched(path: Path) -> None:
    (path / "docs").mkdir()
    (path / "docs" / "memo.md").write_text(MEMO, encoding="utf-8")
    async with opened(path / "index") as tree:
        async with await tree.watch(path / "docs", once=True) as watching:
            assert await watching.wait(30)
            assert watching.report is not None
        assert (await tree.stats()).documents == 1


@in_loop
async def test_a_watch_may_be_stopped_after_the_index_was_closed(path: Path) -> None:
    (path / "docs").mkdir()
    (path / "docs" / "memo.md").write_text(MEMO, encoding="utf-8")
    async with opened(path / "index") as tree:
        watching = await tree.watch(path / "docs")
    assert await watching.wait(1)
    await watching.stop()
    assert not watching.running


@in_loop
async def test_an_opening_that_fails_or_is_cancelled_leaves_nothing(path: Path) -> None:
    with pytest.raises(StoreError, match="no index"):
        async with opened(path / "index", create=False):
            pass
    for _ in range(3):
        task = asyncio.ensure_future(take(opened(path / "index")))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await until(lambda: not any(one.name.startswith("ragtree-async") for one in threading.enumerate()))
    tree = await opened(path / "index")
    await tree.close()


@in_loop
async def test_what_was_made_for_a_cancelled_call_is_undone(path: Path) -> None:
    jobs = Jobs(1)
    undone: list[str] = []
    for is_early in (True, False):
        begun, go_on, made = threading.Event(), threading.Event(), threading.Event()

        def make(begun: threading.Event = begun, go_on: threading.Event = go_on) -> str:
            begun.set()
            go_on.wait(10)
            return "made"

        task = asyncio.ensure_future(jobs.run(make, undone.append))
        await until(begun.is_set)
        if is_early:
            task.cancel()
        (future,) = jobs._running
        future.add_done_callback(lambda _, made=made: made.set())  # type: ignore[misc]
        go_on.set()
        assert made.wait(10)  # the loop does not run meanwhile, so it does not know
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await jobs.end()
    assert undone == ["made", "made"]


@in_loop
async def test_a_state_that_is_taken_for_nobody_is_let_go(path: Path) -> None:
    async with opened(path) as tree:
        await tree.add([Document(id="a", text=MEMO)])
        for _ in range(20):
            task = asyncio.ensure_future(tree.snapshot().__aenter__())
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        await tree.add([Document(id="b", text=MEMO)])
        async with tree.snapshot():
            assert (await tree.stats()).documents == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [(RagTree, AsyncRagTree), (Chat, AsyncChat), (Watching, AsyncWatching)],
    ids=lambda one: one.__name__,
)
def test_both_surfaces_are_the_same(one: type, other: type) -> None:
    def names(kind: type) -> set[str]:
        return {name for name in dir(kind) if not name.startswith("_")} | set(getattr(kind, "__annotations__", ()))

    assert {name for name in names(one) if not name.startswith("_")} <= names(other) | {"mode", "history", "on_step"}
    for name in names(one) & names(other):
        mine, its = getattr(one, name, None), getattr(other, name, None)
        if callable(mine) and callable(its):
            parameters = dict(inspect.signature(its).parameters)
            if name in ("open", "open_published"):
                assert parameters.pop("threads")
            wanted = inspect.signature(mine).parameters
            assert list(parameters.values()) == list(wanted.values()) or str(parameters) == str(dict(wanted)), name


def test_users_of_mypy_have_the_types_of_every_call(tmp_path: Path) -> None:
    code = """
    from ragtree import AsyncRagTree, Hit, SyncReport, Answer, Stats, Document, Progress

    async def use() -> None:
        async with AsyncRagTree.open("index", threads=2) as tree:
            hits: list[Hit] = await tree.search("x", k=3, mode="leaves", where={"source": "*"})
            work = tree.sync("docs", refresh=True)
            async for step in work:
                progress: Progress = step
            report: SyncReport = await work
            answer: Answer = await tree.ask("x")
            stats: Stats = await tree.stats()
            async for piece in tree.chat(mode="auto").stream("x"):
                print(piece.upper())
            async for document in tree.documents():
                one: Document = document
    """
    wrong = """
    from ragtree import AsyncRagTree

    async def use(tree: AsyncRagTree) -> None:
        hits: int = await tree.search("x")
        await tree.search("x", best=3)
        await tree.sync(3)
        report: str = await tree.sync("docs")
    """
    for name, text in (("right.py", code), ("wrong.py", wrong)):
        (tmp_path / name).write_text(textwrap.dedent(text), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", str(tmp_path / "cache")]
    ran = subprocess.run([*command, "right.py", "wrong.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    lines = ran.stdout.splitlines()
    assert [line for line in lines if "right.py" in line] == []
    assert [line.split(":")[1] for line in lines if "error" in line] == ["5", "6", "7", "8"]


def test_a_forked_child_cannot_use_an_asynchronous_tree(tmp_path: Path) -> None:
    async def use() -> None:
        async with opened(tmp_path / "index") as tree:
            await tree.add([Document(id="memo", text=MEMO)])
            chat = tree.chat()
            assert is_refused(in_child(lambda: tree.search("canary")))
            assert is_refused(in_child(lambda: chat.stream(QUESTION)))
            assert in_child(lambda: asyncio.new_event_loop().run_until_complete(tree.close())) == "done"
            assert await tree.search("canary", k=1)

    asyncio.run(use())
