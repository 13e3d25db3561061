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
from ..errors import IndexLockedError, RagtreeError, SettingsError
from ..indexing.copying import Selection
from ..llm.base import ChatModel
from ..reports import SyncReport
from ..store.index_files import VIEWS
from ..store.lock import IndexLock
from ..types import Progress
from .collections import Collection

logger = logging.getLogger(__name__)

_LOOK = 1.0
"""Seconds between two looks whether the collections have changed."""
_REST = 4.0
"""Times as long as a copy took, the next one waits: a first build commits every few seconds."""
_AFTER_FAILURE = 10.0
_PATIENCE = 60.0
"""Seconds for which a view that cannot be brought up to date is shown all the same."""
_THREADS = 2
"""Calls that run at once for each view: there may be many of them."""


@dataclass(frozen=True, slots=True)
class ViewPart:
    """Documents of a collection."""

    collection: Collection
    where: Mapping[str, Any] = field(default_factory=dict)
    """Only documents that pass this filter; empty for all."""
    prefix: str = ""
    """Put before the ids and sources of the documents."""


class Views:
    """The views of a server. Those over the same parts are one."""

    def __init__(self, stack: AsyncExitStack) -> None:
        """The views are closed with the stack."""
        self._stack = stack
        self._open: dict[Path, Collection] = {}

    async def view(self, name: str, parts: Sequence[ViewPart]) -> Collection:
        """The parts as a collection: the collection itself if that is all of it. Raises what `RagTree.open` raises."""
        (first, *others) = parts
        if not others and not first.where and not first.prefix:
            return first.collection
        _check_models([part.collection for part in parts])
        place = first.collection.tree.path / VIEWS / _key(parts)
        if place not in self._open:
            self._open[place] = await self._stack.enter_async_context(_opened(name, place, parts))
        return self._open[place]

    def remove_others(self, collections: Iterable[Collection]) -> None:
        """Delete the views of these collections that are not open: nobody is to see them any more."""
        for collection in collections:
            folder = collection.tree.path / VIEWS
            for place in folder.iterdir() if folder.is_dir() else ():
                if place not in self._open:
                    _remove(place)


def _check_models(collections: Sequence[Collection]) -> None:
    """Raise SettingsError if texts of one collection would go to the models of another one."""
    first, *others = [(one.name, one.tree.settings.embed.model, one.tree.settings.llm.model) for one in collections]
    for name, *models in others:
        if models != list(first[1:]):
            raise SettingsError(
                f"--together needs the same models for all folders; {first[0]} has {first[1]} and {first[2]}, "
                f"{name} has {models[0]} and {models[1]}"
            )


def _key(parts: Sequence[ViewPart]) -> str:
    """A name for the folder of a view. Another filter has another folder, so that no view ever holds too much."""
    told = [[part.collection.name, dict(part.where), part.prefix] for part in parts]
    return sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)


def _forget(place: Path) -> None:
    """Delete what an earlier process copied from a published index. Where that is made, it may have been purged since.

    Raises IndexLockedError if another process serves it.
    """
    if place.is_dir():
        IndexLock(place).release()
        _remove(place)


@asynccontextmanager
async def _opened(name: str, place: Path, parts: Sequence[ViewPart]) -> AsyncIterator[Collection]:
    async with AsyncExitStack() as stack:
        tree = await stack.enter_async_context(await _index(place, parts))
        view = Collection(name, {part.prefix: part.collection.folders[""] for part in parts}, tree, is_view=True)
        view.watching = following = _Following(view, parts)
        view.is_outdated = lambda: following.is_outdated
        task = asyncio.ensure_future(following.run())
        try:
            yield view
        finally:
            task.cancel()
            await asyncio.wait([task])


async def _index(place: Path, parts: Sequence[ViewPart]) -> AsyncRagTree:
    """The index of a view, without what is not to be seen any more.

    It is made anew where that does not work: all of it can be copied again, and nobody may see what is old.
    """
    try:
        if parts[0].collection.tree.following is not None:
            _forget(place)
        return await _cleared(place, parts)
    except IndexLockedError:
        raise
    except (RagtreeError, OSError) as error:
        logger.warning("a part of %s is made anew: %s", parts[0].collection.name, error)
        _remove(place)
        return await _cleared(place, parts)


async def _cleared(place: Path, parts: Sequence[ViewPart]) -> AsyncRagTree:
    first = parts[0].collection.tree
    settings = first.settings.model_copy(update={"store": first.settings.store.model_copy(update={"url": ""})})
    tree = await AsyncRagTree.open(place, settings, embedder=first.embedder, llm=_model_of(first), threads=_THREADS)
    try:
        await tree.copy_from(_selections(parts), add=False)
    except BaseException:
        await tree.close()
        raise
    return tree


def _model_of(tree: AsyncRagTree) -> ChatModel | None:
    """The language model, to be shared; None if it is missing, which every question is then told."""
    try:
        return tree.llm
    except RagtreeError:
        return None


def _selections(parts: Sequence[ViewPart]) -> list[Selection]:
    return [part.collection.tree.selection(part.where, part.prefix) for part in parts]


class _Following:
    """Copies the parts of a view into its index whenever they have changed."""

    def __init__(self, view: Collection, parts: Sequence[ViewPart]) -> None:
        self._view = view
        self._parts = parts
        self._seen: list[str] = []
        self._failing_since: float | None = None
        self.running = True
        self.report: SyncReport | None = None
        self.error: Exception | None = None

    @property
    def is_outdated(self) -> bool:
        """True if copying has failed for so long that the view may show what it must not any more."""
        return not self.running or (self._failing_since is not None and monotonic() - self._failing_since > _PATIENCE)

    async def run(self) -> None:
        """Follow until it is cancelled."""
        try:
            while True:
                started = monotonic()
                try:
                    await self._look()
                    self._failing_since, self.error = None, None
                except Exception as error:  # noqa: BLE001  # the edge: whatever fails, it is tried again
                    logger.warning("the part of %s is not up to date: %s", self._parts[0].collection.name, error)
                    self._failing_since = self._failing_since or monotonic()
                    self.error = error
                finally:
                    self._view.progress = None
                rest = _LOOK + _REST * (monotonic() - started)
                await asyncio.sleep(rest if self.error is None else _AFTER_FAILURE)
        finally:
            self.running = False

    async def _look(self) -> None:
        """Copy if something has changed."""
        states = [await part.collection.tree.state() for part in self._parts]
        if states == self._seen:
            return
        first = not self._seen
        self.report = await self._view.tree.copy_from(_selections(self._parts), self._progressed)
        self._seen = states
        if first and not (await self._view.tree.stats()).documents and (await self._whole()):
            logger.warning("no document passes the filter %s", [dict(part.where) for part in self._parts])

    async def _whole(self) -> int:
        return sum([(await part.collection.tree.stats()).documents for part in self._parts])

    def _progressed(self, step: Progress) -> None:
        if step.total:
            self._view.progress = (step.stage, step.done, step.total)
