"""AsyncRagTree: a RagTree for asyncio. Each call runs in a thread; a cancelled call ends between two steps."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Mapping
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from functools import wraps
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar, overload

from .async_jobs import Jobs, Progressing
from .async_parts import AsyncChat, AsyncWatching
from .embed.base import Embedder
from .indexing.copying import Selection
from .indexing.watching import OnError, OnSync, Watching
from .llm.base import ChatModel, JsonSchema
from .processes import ProcessBound
from .publish.following import EVERY, Following
from .settings import Settings
from .tree import RagTree
from .types import Answer, Document, OnProgress, StructuredAnswer, Value, Where, no_progress

if TYPE_CHECKING:
    from .store.snapshots import Snapshot
    from .upkeep.reports import SalvageReport

P = ParamSpec("P")
Result = TypeVar("Result")

_THREADS = 8
"""Calls that run at once; the others wait. Most of the work is in libraries that release the GIL."""
_PAGE = 32
"""Documents that one call reads."""
_HELD: ContextVar[Mapping[int, Snapshot] | None] = ContextVar("ragtree_snapshots", default=None)
"""The states that the enclosing `snapshot` blocks hold, by the id of their tree."""


def _awaited(
    method: Callable[Concatenate[RagTree, P], Result],
) -> Callable[Concatenate[AsyncRagTree, P], Coroutine[Any, Any, Result]]:
    """The same method, in a thread."""

    @wraps(method)
    async def call(self: AsyncRagTree, /, *args: P.args, **kwargs: P.kwargs) -> Result:
        return await self._run(lambda: method(self._tree, *args, **kwargs))

    return call


def _progressing(
    method: Callable[Concatenate[RagTree, P], Result],
) -> Callable[Concatenate[AsyncRagTree, P], Progressing[Result]]:
    """The same method, in a thread; its steps can be iterated over."""
    signature = inspect.signature(method)

    @wraps(method)
    def call(self: AsyncRagTree, /, *args: P.args, **kwargs: P.kwargs) -> Progressing[Result]:
        bound = signature.bind(self._tree, *args, **kwargs)
        told = bound.arguments.get("progress", no_progress)

        def work(progress: OnProgress) -> Result:
            bound.arguments["progress"] = progress
            return method(*bound.args, **bound.kwargs)

        return Progressing(self._run, work, told)

    return call


class AsyncRagTree(ProcessBound):
    """A RagTree whose methods are awaited; RagTree documents them. Tasks may share it.

    A call whose task is cancelled ends soon: the model stops after its next piece, and a sync after its current step,
    where the next sync continues. Callbacks (`progress`, `approve`, `on_sync`) run in a thread.
    """

    def __init__(self, tree: RagTree, jobs: Jobs) -> None:
        """Called by `open`."""
        self._tree = tree
        self._jobs = jobs
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def open(
        cls,
        path: str | Path,
        settings: Settings | None = None,
        *,
        create: bool = True,
        embedder: Embedder | None = None,
        llm: ChatModel | None = None,
        read_only: bool = False,
        threads: int = _THREADS,
    ) -> Opening:
        """Like `RagTree.open`, for `async with` or `await`. At most `threads` calls run at once."""

        def make() -> RagTree:
            return RagTree.open(path, settings, create=create, embedder=embedder, llm=llm, read_only=read_only)

        return Opening(make, threads)

    @classmethod
    def open_published(
        cls,
        place: str | Path,
        copy: str | Path,
        settings: Settings | None = None,
        *,
        embedder: Embedder | None = None,
        llm: ChatModel | None = None,
        every: float | None = EVERY,
        progress: OnProgress = no_progress,
        threads: int = _THREADS,
    ) -> Opening:
        """Like `RagTree.open_published`, for `async with` or `await`. At most `threads` calls run at once."""

        def make() -> RagTree:
            return RagTree.open_published(
                place, copy, settings, embedder=embedder, llm=llm, every=every, progress=progress
            )

        return Opening(make, threads)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop running calls and close the index; no thread is left. May be called more than once."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        self._jobs.stop()
        try:
            await self._jobs.run(self._tree.close)
        finally:
            await self._jobs.end()

    async def _run(self, work: Callable[[], Result], undo: Callable[[Result], object] | None = None) -> Result:
        if self._closing is not None:
            raise self._tree._closed_error()
        held = (_HELD.get() or {}).get(id(self))
        if held is None:
            return await self._jobs.run(work, undo)

        def within() -> Result:
            with self._tree._states.within(held):
                return work()

        return await self._jobs.run(within, undo)

    @staticmethod
    async def _do_nothing(*_: object, **__: object) -> object:
        return None

    # --- properties

    @property
    def path(self) -> Path:
        """The folder of the index."""
        return self._tree.path

    @property
    def settings(self) -> Settings:
        """The settings in effect."""
        return self._tree.settings

    @property
    def read_only(self) -> bool:
        """True if the index was opened read-only."""
        return self._tree.read_only

    @property
    def embedder(self) -> Embedder:
        """The embedder; it loads its model when it gets the first text."""
        return self._tree.embedder

    @property
    def llm(self) -> ChatModel | None:
        """The language model, like `RagTree.llm`; assign another one to replace it."""
        return self._tree.llm

    @llm.setter
    def llm(self, model: ChatModel | None) -> None:
        self._tree.llm = model

    @property
    def following(self) -> Following | None:
        """Like `RagTree.following`."""
        return self._tree.following

    def selection(self, where: Where | None = None, prefix: str = "") -> Selection:
        """Documents of this index, for `copy_from` of another one."""
        return Selection(self._tree, where or {}, prefix)

    async def state(self) -> str:
        """Like `RagTree.state`."""
        return await self._run(lambda: self._tree.state)

    # --- the folder and its documents

    plan = _progressing(RagTree.plan)
    sync = _progressing(RagTree.sync)
    add = _progressing(RagTree.add)
    remove = _progressing(RagTree.remove)
    copy_from = _progressing(RagTree.copy_from)

    async def watch(
        self,
        folder: str | Path,
        on_sync: OnSync | None = None,
        on_error: OnError | None = None,
        progress: OnProgress = no_progress,
        *,
        settings_too: bool = True,
        once: bool = False,
    ) -> AsyncWatching:
        """Like `RagTree.watch`; `wait` and `stop` of the result are awaited."""
        tree = self._tree
        found = await self._run(
            lambda: tree.watch(folder, on_sync, on_error, progress, settings_too=settings_too, once=once),
            Watching.stop,
        )
        return AsyncWatching(found, self._jobs)

    # --- questions

    search = _awaited(RagTree.search)
    survey = _awaited(RagTree.survey)

    @overload
    async def ask(self, question: str, *, mode: str | None = None, where: Where | None = None) -> Answer: ...
    @overload
    async def ask(
        self, question: str, *, schema: type[Value] | JsonSchema, mode: str | None = None, where: Where | None = None
    ) -> StructuredAnswer[Value]: ...

    async def ask(
        self, question: str, *, schema: Any = None, mode: str | None = None, where: Where | None = None
    ) -> Answer:
        """Like `RagTree.ask`."""
        return await self._run(lambda: self._tree.ask(question, schema=schema, mode=mode, where=where))

    def chat(self, *, mode: str | None = None, where: Where | None = None) -> AsyncChat:
        """A conversation. Iterate with `async for piece in chat.stream(question)`; then `chat.last` is the Answer."""
        return AsyncChat(self._tree.chat(mode=mode, where=where), self._run)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[None]:
        """In the block, this task reads one state of the tree, as in `RagTree.snapshot`."""
        taken = await self._run(self._tree._take_state, self._tree._states.release)
        token = _HELD.set({**(_HELD.get() or {}), id(self): taken})
        try:
            yield
        finally:
            _HELD.reset(token)
            self._tree._states.release(taken)

    # --- looking inside

    graph = _awaited(RagTree.graph)
    nodes = _awaited(RagTree.nodes)
    above = _awaited(RagTree.above)
    document = _awaited(RagTree.document)
    entries = _awaited(RagTree.entries)
    outline = _awaited(RagTree.outline)
    named = _awaited(RagTree.named)
    read = _awaited(RagTree.read)
    stats = _awaited(RagTree.stats)
    history = _awaited(RagTree.history)

    async def documents(self, where: Where | None = None) -> AsyncIterator[Document]:
        """Like `RagTree.documents`, for `async for`."""
        found = await self._run(lambda: self._tree.documents(where))
        try:
            while page := await self._run(lambda: list(islice(found, _PAGE))):
                for document in page:
                    yield document
        finally:
            with suppress(ValueError):  # the thread of a cancelled call may still be reading it
                found.close()

    # --- upkeep

    verify = _awaited(RagTree.verify)
    repair = _progressing(RagTree.repair)
    purge = _progressing(RagTree.purge)
    publish = _progressing(RagTree.publish)

    @staticmethod
    async def salvage(path: str | Path, folder: str | Path | None = None) -> SalvageReport | None:
        """Like `RagTree.salvage`."""
        jobs = Jobs(1)
        try:
            return await jobs.run(lambda: RagTree.salvage(path, folder))
        finally:
            await jobs.end()


class Opening:
    """An index that is being opened: use it in `async with`, or `await` it and close the result."""

    def __init__(self, make: Callable[[], RagTree], threads: int) -> None:
        self._make = make
        self._threads = threads
        self._opened: AsyncRagTree | None = None

    def __await__(self) -> Generator[Any, None, AsyncRagTree]:
        return self._open().__await__()

    async def __aenter__(self) -> AsyncRagTree:
        self._opened = await self._open()
        return self._opened

    async def __aexit__(self, *_: object) -> None:
        if self._opened is not None:
            await self._opened.close()

    async def _open(self) -> AsyncRagTree:
        jobs = Jobs(self._threads)
        try:
            return AsyncRagTree(await jobs.run(self._make, RagTree.close), jobs)
        except asyncio.CancelledError:
            jobs.abandon()
            raise
        except BaseException:
            await jobs.end()
            raise
