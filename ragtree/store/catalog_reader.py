"""The catalog as it is at one moment, however long one reads it: a read transaction of SQLite."""

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
    """A connection that cannot write. Between `begin` and `end` it sees nothing of what others write meanwhile.

    Before `begin` and after `end` it sees what is there now. Writers wait for it no more than it for them: the log
    (WAL) keeps what both need, and grows as long as the transaction lasts. Threads may share it.
    """

    _writes = False

    def __init__(self, path: Path) -> None:
        refuse_inherited(path)
        self._path = path
        self._lock = threading.RLock()
        with self._reported():
            self._db, self._still = _connected(path)

    def begin(self) -> str:
        """Hold the catalog still; returns the state of its tree."""
        with self._lock, self._reported():
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            self._db.execute("BEGIN")
            return self.state()

    def end(self) -> None:
        """Let the catalog go on."""
        with self._lock, self._reported():
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def renew(self) -> bool:
        """Hold still a later moment, where the tree is the same one; False where it is not, and then nothing is done.

        Whoever reads meanwhile does not notice, and the log need not be kept for the earlier moment.
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
        """The state of the tree: another one whenever it has changed."""
        with self._lock, self._reported():
            if self._still is not None and not self._db.in_transaction and _look(self._path) != self._still:
                self._db.close()  # who may write has written it
                self._db, self._still = _connected(self._path)
            return facts.state(self._db)

    def is_behind(self) -> bool:
        """True where Chroma does not have every node as it is."""
        return bool(self.rows("SELECT 1 FROM nodes WHERE stored = 0 LIMIT 1"))

    @contextmanager
    def transaction(self, lasting: bool = False) -> Iterator[sqlite3.Connection]:
        """For reading several things at once; there is nothing to roll back, and nothing to wait for."""
        with self._lock, self._reported():
            yield self._db


_Look: TypeAlias = tuple[int, int, bool]


def _connected(path: Path) -> tuple[sqlite3.Connection, _Look | None]:
    """A connection; and what the file looks like, where SQLite has to be told that it stays so.

    In a folder that cannot be written SQLite makes no shared memory, and reads a catalog only as one that does not
    change. As long as a process writes it there is shared memory, which serves who reads, too.
    """
    db = _opened(path, "mode=ro")
    try:
        db.execute("PRAGMA schema_version").fetchone()
    except sqlite3.OperationalError:
        db.close()
        log = path.with_name(f"{path.name}-wal")
        if not path.is_file() or os.access(path.parent, os.W_OK) or (log.is_file() and log.stat().st_size):
            raise
        return _opened(path, "immutable=1"), _look(path)
    except BaseException:
        db.close()
        raise
    return db, None


def _opened(path: Path, how: str) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?{how}"
    return sqlite3.connect(address, uri=True, check_same_thread=False, isolation_level=None)


def _look(path: Path) -> _Look:
    status = path.stat()
    return status.st_mtime_ns, status.st_size, path.with_name(f"{path.name}-wal").exists()
