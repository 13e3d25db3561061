"""Views: parts of collections, served as collections of their own. Each has its own index, which follows theirs.

An index of its own is what keeps people to what they may see: no theme, label, count, rank or word statistic of it
depends on a document that is not in it, so nothing has to be filtered out of an answer.
"""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any

from ..asynchronous import AsyncRagTree
from ..errors import IndexDamagedError, IndexMismatchError, RagtreeError
from ..reports import SyncReport
from ..store.index_files import VIEWS
from ..types import Progress
from .collections import Collection

logger = logging.getLogger(__name__)

_LOOK = 1.0
"""Seconds between two looks whether the collections have changed."""
_REST = 4.0
"""Times as long as a copy took, the next one waits: a first build commits every few seconds."""
_AFTER_FAILURE = 30.0


@dataclass(frozen=True, slots=True)
class Part:
    """Documents of a collection."""

    collection: Collection
    where: Mapping[str, Any] = field(default_factory=dict)
    """Only documents that pass this filter; empty for all."""
    prefix: str = ""
    """Put before the ids and sources of the documents."""


class Views:
    """The views of a server. Those over the same parts share an index."""

    def __init__(self, stack: AsyncExitStack) -> None:
        """The views are closed with the stack."""
        self._stack = stack
        self._open: dict[Path, Collection] = {}

    async def view(self, name: str, parts: Sequence[Part]) -> Collection:
        """The parts as a collection: the collection itself if that is all of it. Raises what `RagTree.open` raises."""
        (first, *others) = parts
        if not others and not first.where and not first.prefix:
            return first.collection
        place = first.collection.tree.path / VIEWS / _key(parts)
        if place not in self._open:
            self._open[place] = await self._stack.enter_async_context(_opened(place, parts))
        shown = self._open[place]
        return Collection(name, shown.folders, shown.tree, shown.watching, is_view=True)

    def remove_others(self, collections: Iterable[Collection]) -> None:
        """Delete the views of these collections that are not open: nobody is to see them any more."""
        for collection in collections:
            folder = collection.tree.path / VIEWS
            for place in folder.iterdir() if folder.is_dir() else ():
                if place not in self._open:
                    shutil.rmtree(place, ignore_errors=True)


def _key(parts: Sequence[Part]) -> str:
    """A name for the folder of a view. Another filter has another folder, so that no view ever holds too much."""
    told = [[part.collection.name, dict(part.where), part.prefix] for part in parts]
    return sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:16]


@asynccontextmanager
async def _opened(place: Path, parts: Sequence[Part]) -> AsyncIterator[Collection]:
    async with AsyncExitStack() as stack:
        tree = await stack.enter_async_context(await _index(place, parts[0].collection.tree))
        folders = {part.prefix: part.collection.folders[""] for part in parts}
        view = Collection("", folders, tree, is_view=True)
        view.watching = following = _Following(view, parts)
        if (await tree.stats()).documents:
            await following.copy()  # before anybody sees what is not there any more
        task = asyncio.ensure_future(following.run())
        try:
            yield view
        finally:
            task.cancel()
            await asyncio.wait([task])


async def _index(place: Path, first: AsyncRagTree) -> AsyncRagTree:
    """The index of a view, which is made anew if it cannot be used: all of it can be copied again."""
    settings = first.settings.model_copy(update={"store": first.settings.store.model_copy(update={"url": ""})})
    for last in (False, True):
        try:
            return await AsyncRagTree.open(place, settings, embedder=first.embedder, llm=first.llm)
        except (IndexDamagedError, IndexMismatchError) as error:
            if last:
                raise
            logger.warning("a view is made anew: %s", error)
            shutil.rmtree(place)
    raise AssertionError("the second try returns or raises")


class _Following:
    """Copies the parts of a view into its index whenever they have changed."""

    def __init__(self, view: Collection, parts: Sequence[Part]) -> None:
        self._view = view
        self._parts = parts
        self._seen: list[str] = []
        self.running = True
        self.report: SyncReport | None = None
        self.error: Exception | None = None

    async def run(self) -> None:
        """Follow until it is cancelled."""
        try:
            while True:
                started = monotonic()
                failed = False
                if self._seen != await self._states():
                    failed = not await self.copy()
                await asyncio.sleep(_AFTER_FAILURE if failed else _LOOK + _REST * (monotonic() - started))
        finally:
            self.running = False

    async def copy(self) -> bool:
        """Bring the view in line. What fails is logged; returns False then."""
        states = await self._states()
        selections = [part.collection.tree.selection(part.where, part.prefix) for part in self._parts]
        try:
            self.report = await self._view.tree.copy_from(selections, self._progressed)
        except RagtreeError as error:
            logger.warning("a view of %s is not up to date: %s", self._parts[0].collection.name, error)
            self.error = error
            return False
        finally:
            self._view.progress = None
        self._seen, self.error = states, None
        return True

    async def _states(self) -> list[str]:
        return [await part.collection.tree.state() for part in self._parts]

    def _progressed(self, step: Progress) -> None:
        if step.total:
            self._view.progress = (step.stage, step.done, step.total)
