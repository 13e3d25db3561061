"""What readers see: one state of the tree for as long as they read, whatever a sync does meanwhile.

A snapshot is a read transaction of the catalog, the table of its nodes, and the words as they were written for it.
Readers of the same state share it. Nobody waits: a sync goes on while old states are read, and a reader that dies, in
this process or another, leaves nothing behind.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from ..errors import IndexDamagedError
from ..processes import OfOneProcess
from .ahead import is_ahead
from .base import NodeTable, WordSearch
from .catalog_reader import CatalogReader
from .table import TableReader

_RENEWED = 1.0
"""Seconds after which readers who overlap without end are given a later moment of the same state."""
_PATIENCE = 2.0
"""Seconds that one waits for a process that is about to make a change. It may have died."""
_STEP = 0.005
_TRIES = 20


class Snapshot:
    """One state of the tree."""

    def __init__(
        self, catalog: CatalogReader, state: str, words: WordSearch, tables: TableReader, newest: CatalogReader
    ) -> None:
        self.catalog = catalog
        """Everything but Chroma: texts, documents, facts."""
        self.state = state
        self._newest = newest
        self._tables = tables
        self._found = words
        self.readers = 0
        self.begun = time.monotonic()
        self.in_store = not catalog.is_behind()
        """True where Chroma had every node of it when it was looked at."""

    @cached_property
    def table(self) -> NodeTable:
        """Its nodes without their texts."""
        return self._tables.table(self.catalog)

    @property
    def words(self) -> WordSearch:
        """Its words."""
        return KnownWords(self._found, self.table)

    def is_current(self) -> bool:
        """True where no change has been made since: then Chroma has lost none of its nodes either."""
        return self._newest.state() == self.state


class Snapshots(OfOneProcess):
    """Gives readers the tree as it is now."""

    def __init__(self, path: Path, tables: TableReader, words: Callable[[], WordSearch]) -> None:
        """`path` is the catalog's; `words` gives the words as they are now."""
        self._path = path
        self._tables = tables
        self._words = words
        self._lock = threading.Lock()
        self._newest: CatalogReader | None = None
        self._current: Snapshot | None = None
        self._open: set[Snapshot] = set()
        self._held = threading.local()

    @contextmanager
    def reading(self) -> Iterator[Snapshot]:
        """One state for as long as the block lasts. In a block within it, in the same thread, it is the same one."""
        outer = self._outer()
        snapshot = self.acquire()
        self._held.snapshot = snapshot
        try:
            yield snapshot
        finally:
            self._held.snapshot = outer
            self.release(snapshot)

    @contextmanager
    def within(self, snapshot: Snapshot) -> Iterator[None]:
        """In the block this thread reads that one, which another one has acquired."""
        outer = self._outer()
        self._held.snapshot = snapshot
        try:
            yield
        finally:
            self._held.snapshot = outer

    def acquire(self) -> Snapshot:
        """The tree as it is now, or as it is in the block around, until `release`."""
        outer = self._outer()
        with self._lock:
            if outer is not None:
                outer.readers += 1
                return outer
            newest = self._newest = self._newest or CatalogReader(self._path)
            current = self._current
            if current is None or newest.state() != current.state or not self._goes_on(current):
                self._drop(current)
                current = self._current = self._opened(newest)
                self._open.add(current)
            current.readers += 1
            return current

    def release(self, snapshot: Snapshot) -> None:
        """It is read no more."""
        with self._lock:
            snapshot.readers -= 1
            if not snapshot.readers and snapshot in self._open:
                snapshot.catalog.end()
                if snapshot is not self._current:
                    self._drop(snapshot)

    def _outer(self) -> Snapshot | None:
        """What this thread is reading."""
        held: Snapshot | None = getattr(self._held, "snapshot", None)
        return held

    def close(self) -> None:
        """Let go of the catalog."""
        with self._lock:
            for snapshot in self._open:
                snapshot.catalog.close()
            self._open.clear()
            self._current = None
            if self._newest is not None:
                self._newest.close()
                self._newest = None
            self._tables.close()

    def _goes_on(self, current: Snapshot) -> bool:
        """True where the snapshot can be given to one more reader, who gets a moment that is not long ago."""
        if not current.readers:
            same = current.catalog.begin() == current.state
        elif time.monotonic() - current.begun < _RENEWED:
            return True
        else:
            same = current.catalog.renew()
        if same:
            current.begun = time.monotonic()
            current.in_store = not current.catalog.is_behind()
        return same

    def _drop(self, snapshot: Snapshot | None) -> None:
        if snapshot is not None and not snapshot.readers:
            snapshot.catalog.close()
            self._open.discard(snapshot)

    def _opened(self, newest: CatalogReader) -> Snapshot:
        """A snapshot of which the words are those of its state."""
        catalog, ends = CatalogReader(self._path), time.monotonic() + _PATIENCE
        try:
            while True:
                state = catalog.begin()
                words = self._found_words()
                # Nothing was begun and no change was made, so the words are those of this state.
                settled = not is_ahead(newest) and newest.state() == state
                if settled or time.monotonic() > ends:
                    return Snapshot(catalog, state, words, self._tables, newest)
                time.sleep(_STEP)
        except BaseException:
            catalog.close()
            raise

    def _found_words(self) -> WordSearch:
        """The words; while a folder takes the place of another there are none for a moment."""
        for _ in range(_TRIES):
            try:
                return self._words()
            except IndexDamagedError:
                time.sleep(_STEP)
        return self._words()


class KnownWords:
    """A search for words among the nodes of a table: what else stands in the lexical index is passed over."""

    def __init__(self, words: WordSearch, table: NodeTable) -> None:
        self._words = words
        self._table = table

    def search(
        self, text: str, count: int, leaves: bool, among: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        known, look = self._table.row_of, count
        while True:
            found = self._words.search(text, look, leaves, among)
            kept = [pair for pair in found if pair[0] in known]
            if len(kept) >= count or len(found) < look:
                return kept[:count]
            look = 2 * look + len(found) - len(kept)
