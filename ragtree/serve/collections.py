"""The folders that a server serves, each with its open index, by name."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ..async_parts import AsyncWatching
from ..asynchronous import AsyncRagTree, Opening
from ..embed.base import Embedder
from ..errors import IndexLockedError, NotFoundError, RagtreeError
from ..folding import fold, without_accents
from ..llm.base import ChatModel
from ..models import reading_settings
from ..reports import SyncReport
from ..settings import Settings
from ..types import Answer, Progress

logger = logging.getLogger(__name__)

_TAKEN = frozenset({"api", "health", "login", "mcp", "static", "v1"})
"""What the server's own addresses begin with."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder to serve."""

    path: Path
    index: Path
    """Where its index is."""
    settings: Settings
    embedder: Embedder | None = None
    """Instead of the one that the settings name."""
    llm: ChatModel | None = None
    """Instead of the one that the settings name."""


@dataclass(slots=True)
class Collection:
    """A folder with its open index."""

    name: str
    """In addresses and model names: letters, digits, `.`, `_` and `-`."""
    folder: Path
    tree: AsyncRagTree
    watching: AsyncWatching | None = None
    """The sync that follows the folder; None if nothing does."""
    progress: tuple[str, int, int] | None = None
    """Stage, done and total of a sync that is running."""

    async def noted(self, answer: Answer) -> Answer:
        """The answer, with a notice if it may be a better one later: the folder is still being read, or empty."""
        if answer.supported or answer.notice:
            return answer
        if self.progress is not None:
            _, done, total = self.progress
            return replace(answer, notice=f"the folder is still being read ({done} of {total}); ask again in a while")
        if not (await self.tree.stats()).documents:
            return replace(answer, notice="there is no document in the folder yet; put some into it")
        return answer

    @property
    def writes_answers(self) -> bool:
        """True if a language model writes the answers, False if they are quotes."""
        try:
            model = self.tree.llm
        except RagtreeError as error:
            logger.warning("%s has no language model: %s", self.name, error)
            return False
        return model is not None and reading_settings(self.tree.settings.answer, model).style != "quoted"


class Collections:
    """The collections of a server, while it runs."""

    def __init__(
        self, folders: Sequence[Folder], watch: bool = True, threads: int = 8, *, shares: bool = False
    ) -> None:
        """With `watch`, each index follows its folder. `threads` are the calls that run at once for each collection.

        With `shares`, an index that another process holds is opened read-only, and follows what that process does.
        """
        self._folders = dict(zip(names_of([folder.path for folder in folders]), folders, strict=True))
        self._watch = watch
        self._threads = threads
        self._shares = shares
        self._open: dict[str, Collection] = {}

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Mapping[str, Collection]]:
        """Opens the indexes, and closes them at the end. Raises what `RagTree.open` raises."""
        async with AsyncExitStack() as stack:
            for name, folder in self._folders.items():
                tree = await self._opened(stack, name, folder)
                self._open[name] = collection = Collection(name, folder.path, tree)
                if self._watch and not tree.read_only:
                    collection.watching = await _followed(collection)
            warming = [asyncio.ensure_future(_warmed(one)) for one in self]
            try:
                yield dict(self._open)
            finally:
                for task in warming:
                    task.cancel()
                self._open.clear()

    async def _opened(self, stack: AsyncExitStack, name: str, folder: Folder) -> AsyncRagTree:
        def opening(read_only: bool) -> Opening:
            return AsyncRagTree.open(
                folder.index,
                folder.settings,
                embedder=folder.embedder,
                llm=folder.llm,
                read_only=read_only,
                threads=self._threads,
            )

        try:
            return await stack.enter_async_context(opening(read_only=False))
        except IndexLockedError:
            if not self._shares:
                raise
        logger.warning("another process holds the index of %s: it is only read", name)
        return await stack.enter_async_context(opening(read_only=True))

    def __iter__(self) -> Iterator[Collection]:
        return iter(list(self._open.values()))

    def __len__(self) -> int:
        return len(self._open)

    def get(self, name: str) -> Collection:
        """The collection of that name. Raises NotFoundError, naming those that there are."""
        try:
            return self._open[name]
        except KeyError:
            raise NotFoundError(f"there is no collection {name!r}; there are: {', '.join(self._open)}") from None

    @property
    def first(self) -> Collection:
        """The one that is meant where none is named."""
        return next(iter(self._open.values()))


def names_of(folders: Sequence[Path]) -> list[str]:
    """A name for each folder: its own, without accents and the characters that addresses would have to escape; then
    numbered."""
    names: list[str] = []
    for folder in folders:
        plain = without_accents(fold(folder.resolve().name))
        own = re.sub(r"[^\w.-]+", "-", plain, flags=re.ASCII).strip("-.") or "documents"
        name, number = own, 1
        while name in names or name.lower() in _TAKEN:
            number += 1
            name = f"{own}-{number}"
        names.append(name)
    return names


async def _warmed(collection: Collection) -> None:
    """Loads the embedder and the index, so that the first search does not wait for them. That search is told what
    fails."""
    with suppress(RagtreeError):
        await asyncio.to_thread(lambda: collection.tree.embedder.embed_query("a first question"))
        await collection.tree.search("a first question", k=1)


async def _followed(collection: Collection) -> AsyncWatching:
    """Follows the folder. What fails is logged, and tried again."""

    def synced(_: SyncReport) -> None:
        collection.progress = None

    def failed(error: Exception) -> None:
        collection.progress = None
        told = error if isinstance(error, RagtreeError) else f"{type(error).__name__}: {error}"
        logger.warning("%s is not brought up to date: %s", collection.name, told)

    def progressed(step: Progress) -> None:
        if step.total:
            collection.progress = (step.stage, step.done, step.total)

    return await collection.tree.watch(
        collection.folder,
        synced,
        failed,
        progressed,
        settings_too=False,
    )


class Turns:
    """Lets a limited number of answers be made at once; others wait in a queue of limited length, and not for ever."""

    def __init__(self, at_once: int = 4, queue: int = 256, patience: float = 300.0) -> None:
        """`patience` are the seconds that a question may wait for its turn."""
        self._free = asyncio.Semaphore(at_once)
        self._most = at_once + queue
        self._patience = patience
        self._wanted = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Waits for a turn. Raises BusyError if too many wait already, or if none comes."""
        if self._wanted >= self._most:
            raise BusyError(f"{self._wanted} questions are waiting already; ask again in a while")
        self._wanted += 1
        try:
            try:
                async with asyncio.timeout(self._patience):
                    await self._free.acquire()
            except TimeoutError:
                raise BusyError(f"no turn came in {self._patience:.0f} seconds; ask again in a while") from None
            try:
                yield
            finally:
                self._free.release()
        finally:
            self._wanted -= 1


class BusyError(RagtreeError):
    """The server has too much to do; the same request may succeed later."""
