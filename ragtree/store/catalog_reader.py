"""The catalog as it was at one moment, for however long it is read: a read transaction of SQLite."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from . import facts
from .catalog import Catalog
from .inherited import refuse_inherited


class CatalogReader(Catalog):
    """A connection that cannot write. Between `begin` and `end` it does not see what others write meanwhile.

    Before `begin` and after `end` it sees the current catalog. It does not wait for writers, nor they for it: the log
    (WAL) keeps what both need, and grows as long as the transaction lasts. Threads may share it.
    """

    _writes = False

    def __init__(self, path: Path) -> None:
        refuse_inherited(path)
        self._path = path
        self._lock = threading.RLock()
        with super()._reported():
            self._db, self._still = _connected(path)

    @contextmanager
    def _reported(self) -> Iterator[None]:
        with super()._reported():
            if self._still is not None and not self._db.in_transaction and _look(self._path) != self._still:
                self._db.close()  # another process has changed the file, or put another one in its place
                self._db, self._still = _connected(self._path)
            yield

    def begin(self) -> str:
        """Begin to read the catalog as it is now. Returns the state of its tree."""
        self.end()
        with self._lock, self._reported():
            self._db.execute("BEGIN")
            return self.state()

    def end(self) -> None:
        """End the transaction, so that later changes are seen."""
        with self._lock, self._reported():
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def renew(self) -> bool:
        """Move on to the present moment if the tree is still the same. If it is not, do nothing, and return False.

        Readers do not notice, and the log is no longer needed for the earlier moment.
        """
        other = CatalogReader(self._path)
        with self._lock:
            same = other.begin() == self.state()
            if same:
                self._db, other._db = other._db, self._db
                self._still, other._still = other._still, self._still
        other.close()
        return same

    def state(self) -> str:
        """The state of the tree. It differs after every change."""
        return self._read(facts.state)

    def is_behind(self) -> bool:
        """True if Chroma does not have the current version of every node."""
        return bool(self.rows("SELECT 1 FROM nodes WHERE stored = 0 LIMIT 1"))

    @contextmanager
    def transaction(self, lasting: bool = False) -> Iterator[sqlite3.Connection]:
        """Let the block read several things at once. There is nothing to roll back, and nothing to wait for."""
        with self._lock, self._reported():
            yield self._db


_Look: TypeAlias = tuple[int, int, int, bool]


def _connected(path: Path) -> tuple[sqlite3.Connection, _Look | None]:
    """A connection, and the look of the file if SQLite opened it as immutable.

    In a folder that cannot be written, SQLite cannot make shared memory, and reads a catalog only as immutable. While
    another process writes to it there is shared memory, which readers can use. A catalog without a log (WAL) is that of
    a published snapshot: nobody writes to it, and the next one takes its place.
    """
    db, look = _opened(path, "mode=ro"), _look(path)
    try:
        db.execute("PRAGMA schema_version").fetchone()
        is_published = db.execute("PRAGMA journal_mode").fetchone()[0] != "wal"
    except sqlite3.OperationalError:
        db.close()
        log = path.with_name(f"{path.name}-wal")
        if not path.is_file() or os.access(path.parent, os.W_OK) or (log.is_file() and log.stat().st_size):
            raise
        return _opened(path, "immutable=1"), look
    except BaseException:
        db.close()
        raise
    if is_published:
        db.close()
        return _opened(path, "immutable=1"), look
    return db, None


def _opened(path: Path, how: str) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?{how}"
    return sqlite3.connect(address, uri=True, check_same_thread=False, isolation_level=None)


def _look(path: Path) -> _Look:
    status = path.stat()
    return status.st_ino, status.st_mtime_ns, status.st_size, path.with_name(f"{path.name}-wal").exists()
