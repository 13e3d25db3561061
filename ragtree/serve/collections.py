"""The collections that a server serves, each an open index, by name; and the turns of the questions to them."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from ..asynchronous import AsyncRagTree
from ..embed.base import Embedder
from ..errors import NotFoundError, RagtreeError
from ..llm.base import ChatModel
from ..models import answer_options
from ..reports import SyncReport
from ..settings import Settings
from ..text.folding import fold, without_accents
from ..types import Answer

logger = logging.getLogger(__name__)

TOGETHER = "all"
"""The collection with the documents of all folders."""
_TAKEN = frozenset({"api", "health", "login", "mcp", "static", "v1", TOGETHER})
"""Names that no folder gets: what the server's own addresses begin with, and all folders together."""


@dataclass(frozen=True, slots=True)
class ServedFolder:
    """A folder to serve."""

    path: Path
    index: Path
    """Where its index is."""
    settings: Settings
    embedder: Embedder | None = None
    """Instead of the one that the settings name."""
    llm: ChatModel | None = None
    """Instead of the one that the settings name."""
    published: str = ""
    """Where the index is published, if it is made elsewhere: `index` is the local copy of it, and `path` is no folder
    but has the name."""
    every: float = 30.0
    """Seconds between two looks for a newer snapshot."""


class Watched(Protocol):
    """What keeps an index up to date."""

    @property
    def running(self) -> bool:
        """False if it has ended."""
        ...

    @property
    def report(self) -> SyncReport | None:
        """The last update that came to its end."""
        ...

    @property
    def error(self) -> Exception | None:
        """Why the last update failed."""
        ...


@dataclass(slots=True)
class Collection:
    """An open index that is served."""

    name: str
    """In addresses and model names: letters, digits, `.`, `_` and `-`."""
    folders: Mapping[str, Path]
    """The folders with the files of its documents, by what the documents' sources begin with: `""` for a single one."""
    tree: AsyncRagTree
    watching: Watched | None = None
    """What keeps the index up to date; None if nothing does."""
    is_view: bool = False
    """True if its documents are those of other collections."""
    is_outdated: Callable[[], bool] = lambda: False
    """True if it may show what is not to be seen any more."""
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
            text = "there is no document here" if self.is_view else "the folder has no document yet; put some into it"
            return replace(answer, notice=text)
        return answer

    def file(self, source: str) -> Path | None:
        """The file of a document, if there is one in the folder; links do not lead out of it."""
        for prefix, folder in self.folders.items():
            if not source.startswith(prefix):
                continue
            try:
                root = folder.resolve()
                path = (root / source.removeprefix(prefix)).resolve()
                if path.is_relative_to(root) and path.is_file():
                    return path
            except (OSError, ValueError):
                continue
        return None

    @property
    def writes_answers(self) -> bool:
        """True if a language model writes the answers, False if they are quotes."""
        try:
            model = self.tree.llm
        except RagtreeError as error:
            logger.warning("%s has no language model: %s", self.name, error)
            return False
        return model is not None and answer_options(self.tree.settings.answer, model).style != "quoted"


class Collections:
    """The collections that somebody may ask, by name."""

    def __init__(self) -> None:
        self._open: dict[str, Collection] = {}

    def keep(self, collection: Collection) -> None:
        """Take in an open collection."""
        self._open[collection.name] = collection

    def clear(self) -> None:
        """Forget all of them."""
        self._open.clear()

    def __iter__(self) -> Iterator[Collection]:
        return iter(list(self._open.values()))

    def __len__(self) -> int:
        return len(self._open)

    def get(self, name: str) -> Collection:
        """The collection of that name. Raises NotFoundError, which names the ones that exist."""
        try:
            return self._open[name]
        except KeyError:
            raise NotFoundError(f"there is no collection {name!r}; there are: {', '.join(self._open)}") from None

    @property
    def first(self) -> Collection:
        """The collection for requests that name none."""
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
