"""What readers see: one state of the tree for as long as they read, whatever a sync does meanwhile.

A snapshot is a read transaction of the catalog, the table of its nodes, and the words that were written for it. Readers
of the same state share it. They do not block a sync, which goes on while old states are read, and a reader that dies,
in this process or another, leaves nothing behind.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from ..errors import IndexDamagedError
from ..processes import ProcessBound
from .base import NodeTable, WordSearch
from .catalog_reader import CatalogReader
from .table import TableReader
from .write_ahead import is_ahead

_RENEWED = 1.0
"""Seconds after which a snapshot whose readers overlap without end is moved on to a later moment of the same state."""
_PATIENCE = 2.0
"""Seconds to wait for a process that is about to make a change. It may have died."""
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
        """True if Chroma had every node of this state when that was last checked."""

    @cached_property
    def table(self) -> NodeTable:
        """The nodes without their texts."""
        return self._tables.table(self.catalog)

    @property
    def words(self) -> WordSearch:
        """A search of the words of its nodes."""
        return KnownWords(self._found, self.table)

    def is_current(self) -> bool:
        """True if no change has been made since. Then Chroma has lost none of its nodes either."""
        return self._newest.state() == self.state


class Snapshots(ProcessBound):
    """Gives readers snapshots of the current tree."""

    def __init__(self, path: Path, tables: TableReader, words: Callable[[], WordSearch]) -> None:
        """`path` is the catalog's file. `words` returns a search of the words as they are now."""
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
        """One state for as long as the block lasts. Nested blocks in the same thread get the same one."""
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
        """Make this thread read, within the block, a snapshot that another thread has acquired."""
        outer = self._outer()
        self._held.snapshot = snapshot
        try:
            yield
        finally:
            self._held.snapshot = outer

    def acquire(self) -> Snapshot:
        """The current state, or that of the enclosing `reading` block, until `release`."""
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
        """End one reader's use of a snapshot."""
        with self._lock:
            snapshot.readers -= 1
            if not snapshot.readers and snapshot in self._open:
                snapshot.catalog.end()
                if snapshot is not self._current:
                    self._drop(snapshot)

    def _outer(self) -> Snapshot | None:
        """The snapshot that this thread is reading."""
        held: Snapshot | None = getattr(self._held, "snapshot", None)
        return held

    def close(self) -> None:
        """Close the catalog and the mapped vectors."""
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
        """True if one more reader can share the snapshot. It is moved on to a recent moment if needed."""
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
        """A new snapshot, with the words of its own state."""
        catalog, ends = CatalogReader(self._path), time.monotonic() + _PATIENCE
        try:
            while True:
                state = catalog.begin()
                words = self._found_words()
                # No change was begun or made meanwhile, so the words are those of this state.
                settled = not is_ahead(newest) and newest.state() == state
                if settled or time.monotonic() > ends:
                    return Snapshot(catalog, state, words, self._tables, newest)
                time.sleep(_STEP)
        except BaseException:
            catalog.close()
            raise

    def _found_words(self) -> WordSearch:
        """The words. There are none for a moment while a new folder replaces the old one, so this tries again."""
        for _ in range(_TRIES):
            try:
                return self._words()
            except IndexDamagedError:
                time.sleep(_STEP)
        return self._words()


class KnownWords:
    """A search for words among the nodes of a table. Other nodes in the lexical index are skipped."""

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
