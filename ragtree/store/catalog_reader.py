"""The catalog as it is at one moment, however long one reads it: a read transaction of SQLite."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
            self._db = _connected(path)

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
        other.close()
        return same

    def state(self) -> str:
        """The state of the tree: another one whenever it has changed."""
        with self._lock, self._reported():
            return facts.state(self._db)

    def is_behind(self) -> bool:
        """True where Chroma does not have every node as it is."""
        return bool(self.rows("SELECT 1 FROM nodes WHERE stored = 0 LIMIT 1"))

    @contextmanager
    def transaction(self, lasting: bool = False) -> Iterator[sqlite3.Connection]:
        """For reading several things at once; there is nothing to roll back, and nothing to wait for."""
        with self._lock, self._reported():
            yield self._db


def _connected(path: Path) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(address, uri=True, check_same_thread=False, isolation_level=None)
