"""Folders -> collections: opens their indexes, and keeps them up to date."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from ..async_parts import AsyncWatching
from ..asynchronous import AsyncRagTree, Opening
from ..errors import IndexLockedError, RagtreeError
from ..reports import SyncReport
from ..types import Progress
from .collections import Collection, ServedFolder, names_of

logger = logging.getLogger(__name__)


class OpenFolders:
    """Opens the indexes of folders, and follows the folders."""

    def __init__(
        self, folders: Sequence[ServedFolder], watch: bool = True, threads: int = 8, *, shares: bool = False
    ) -> None:
        """With `watch`, each index follows its folder. `threads` are the calls that run at once for each collection.

        With `shares`, an index that another process holds is opened read-only, and follows what that process does.
        """
        self._folders = dict(zip(names_of([folder.path for folder in folders]), folders, strict=True))
        self._watch = watch
        self._threads = threads
        self._shares = shares

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[tuple[Collection, ...]]:
        """Open the indexes, in the order of the folders, and close them at the end.

        Raises what `RagTree.open` raises.
        """
        async with AsyncExitStack() as stack:
            found = []
            for name, folder in self._folders.items():
                tree = await self._opened(stack, name, folder)
                found.append(collection := Collection(name, {"": folder.path}, tree))
                if tree.following is not None:
                    collection.watching = tree.following
                elif self._watch and not tree.read_only:
                    collection.watching = await _followed(collection, folder.path)
            warming = [asyncio.ensure_future(_warmed(one)) for one in found]
            try:
                yield tuple(found)
            finally:
                for task in warming:
                    task.cancel()

    async def _opened(self, stack: AsyncExitStack, name: str, folder: ServedFolder) -> AsyncRagTree:
        if folder.published:
            return await stack.enter_async_context(
                AsyncRagTree.open_published(
                    folder.published,
                    folder.index,
                    folder.settings,
                    embedder=folder.embedder,
                    llm=folder.llm,
                    every=folder.every if self._watch else None,
                    threads=self._threads,
                )
            )

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


async def _warmed(collection: Collection) -> None:
    """Loads the embedder and the index, so that the first search does not wait for them. That search is told what
    fails."""
    with suppress(RagtreeError):
        await asyncio.to_thread(lambda: collection.tree.embedder.embed_query("a first question"))
        await collection.tree.search("a first question", k=1)


async def _followed(collection: Collection, folder: Path) -> AsyncWatching:
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
        folder,
        synced,
        failed,
        progressed,
        settings_too=False,
    )
