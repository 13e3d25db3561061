"""The mirrors of the catalog, Chroma and the lexical index: opened when first needed, repaired, rewritten."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import IndexDamagedError
from ..processes import ProcessBound
from ..store.base import NodeStore, WordIndex
from ..store.catalog import Catalog
from ..store.hnsw_files import records_of
from ..store.owner import Owner, new_copy, owner_of
from ..store.replaceable import ReplaceableStore
from ..store.swapping import begin_swap, finish_interrupted_swap, finish_swap
from ..store.tree_change import TreeChange
from ..store.write_ahead import is_ahead, taken_back
from ..types import OnProgress, no_progress
from .outbox import finish_interrupted, repair_on_open, update_mirrors, write_ahead, write_all

if TYPE_CHECKING:
    from ..store.chroma import ChromaStore

logger = logging.getLogger(__name__)


class Mirrors(ProcessBound):
    """Both hold nothing that the catalog does not have. Threads may share them."""

    is_asked = True
    """True if Chroma is asked for the nearest nodes."""

    def __init__(self, folder: Path, catalog: Catalog, language: Callable[[], str]) -> None:
        self._chroma, self._lexical = folder / "chroma", folder / "lexical"
        self._open_mark = folder / "chroma.open"  # exists while a process has Chroma open, and after it was killed
        self._catalog = catalog
        self._language = language
        self._turn = threading.RLock()
        self._store: ReplaceableStore | None = None
        self._words: WordIndex | None = None
        self._prepared = False

    @property
    def store(self) -> NodeStore:
        """Chroma, in line with the catalog. Raises IndexDamagedError if it cannot be read."""
        if self._store is not None:  # does not wait for `rewrite`
            return self._store
        with self._turn:
            if self._store is None:
                finish_interrupted_swap(self._chroma)
                killed = self._open_mark.exists() or self._catalog.pending()
                try:
                    self._store = ReplaceableStore(self._mended_store())
                except IndexDamagedError as error:
                    if not killed:
                        raise
                    # The process that had it open was killed, and Chroma does not write its files atomically.
                    logger.warning("%s; it may have been written just then, and is written anew", error)
                    self.rewrite()
                with suppress(OSError):
                    self._open_mark.touch()
            assert self._store is not None
            return self._store

    def _mended_store(self) -> NodeStore:
        records = records_of(self._chroma)
        stored = (records.get("leaves", 0), records.get("summaries", 0)) if records is not None else None
        store = self._opened_store(self._chroma)
        try:
            self._claim(store, owner_of(self._catalog))
            repair_on_open(self._catalog, store, self.words, stored)
        except BaseException:  # interrupted: the next caller mends it
            store.close()
            raise
        return store

    @property
    def words(self) -> WordIndex:
        """The lexical index."""
        with self._turn:
            if self._words is None:
                finish_interrupted_swap(self._lexical)
                if self._lexical.is_file():
                    self._lexical.unlink()
                self._words = self._opened_words(self._lexical)
            return self._words

    @property
    def server(self) -> str:
        """The address of the Chroma server, without a password; empty if Chroma's files are in the index's folder."""
        return ""

    def prepare(self, change: TreeChange) -> None:
        """Write the words of a change that is about to be made. After a crash in between, the next process to open the
        index repairs it."""
        finish_interrupted(self._catalog, self.store, self.words)
        write_ahead(self._catalog, self.words, change)
        self._prepared = True

    def follow(self, progress: OnProgress = no_progress) -> None:
        """Bring both in line with the catalog, which has changed or may have."""
        if is_ahead(self._catalog) or (self._catalog.pending() and not self._prepared):
            finish_interrupted(self._catalog, self.store, self.words, progress)
        elif self._prepared:
            update_mirrors(self._catalog, self.store, None, progress)
        self._prepared = False

    def reload(self) -> None:
        """Take in what another process may have written. Nothing to do here: no other process can write."""

    def rewrite(self, progress: OnProgress = no_progress) -> None:
        """Write both from the catalog into new folders, which replace the old ones when they are complete.

        The old ones are not read, damaged or not, and no model is asked. Threads that search meanwhile use the old
        ones, then the new ones.
        """
        with self._turn:
            store = self._opened_store(begin_swap(self._chroma))
            try:
                words = self._opened_words(begin_swap(self._lexical))
                write_all(self._catalog, store, words, progress)
                words.close()
            finally:
                store.close()
            if self._store is None:
                self._store = ReplaceableStore(self._moved_store())
            else:
                self._store.replace(self._moved_store)
            finish_swap(self._lexical)
            self._words = None
            self._catalog.mark_in_line()
            taken_back(self._catalog)

    def close(self) -> None:
        """Close the files. Whatever is needed afterwards is opened again."""
        with self._turn:
            if self._store is not None:
                self._store.close()
                self._store = None
                with suppress(OSError):
                    self._open_mark.unlink(missing_ok=True)

    def _moved_store(self) -> NodeStore:
        finish_swap(self._chroma)
        store = self._opened_store(self._chroma)
        store.claim(new_copy(self._catalog))
        store.blank_unused()
        return store

    def _claim(self, store: ChromaStore, mine: Owner) -> None:
        """Have records that do not follow this catalog written anew, because nothing is known about them."""
        theirs = store.owner()
        if theirs == mine:
            return
        is_older = theirs is None and not mine.copy  # from before owners were recorded
        if not is_older:
            store.clear()
            self._catalog.mark_all_unstored()
        store.claim(new_copy(self._catalog))

    def _opened_store(self, path: Path) -> ChromaStore:
        from ..store.chroma import ChromaStore

        return ChromaStore(path)

    def _opened_words(self, path: Path) -> WordIndex:
        from ..store.lexical_index import LexicalIndex

        return LexicalIndex(path, self._language())
