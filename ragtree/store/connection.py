"""A connection to the catalog's file, which the threads of a process share: transactions, and what errors say."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from ..processes import ProcessBound
from .faults import store_error

P = ParamSpec("P")
R = TypeVar("R")

PATIENCE = 60.0
"""Seconds to wait for another process that is writing."""


class Connection(ProcessBound):
    """What the modules of the tables need of SQLite. Subclasses open it."""

    _path: Path
    _lock: threading.RLock
    _db: sqlite3.Connection

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            back = "get back what can be read with: ragtree repair FOLDER"
            raise store_error(error, str(self._path), back) from error

    @contextmanager
    def transaction(self, lasting: bool = False) -> Iterator[sqlite3.Connection]:
        """A transaction: all or nothing. Threads take turns. What is committed survives the end of the process.

        A `lasting` transaction survives a power failure, too, with everything committed before it, but waits some
        milliseconds for the disk. It is for what was paid for, and for what the mirrors are written from.
        """
        with self._lock, self._reported():
            self._db.execute(f"PRAGMA synchronous = {'FULL' if lasting else 'NORMAL'}")
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _read(self, query: Callable[Concatenate[sqlite3.Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        with self._lock, self._reported():
            return query(self._db, *args, **kwargs)

    def _write(
        self, statement: Callable[Concatenate[sqlite3.Connection, P], None], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        with self.transaction() as db:
            statement(db, *args, **kwargs)

    def rows(self, query: str, *values: object) -> list[tuple]:  # type: ignore[type-arg]
        """The rows of any query, for modules without a method here."""
        with self._lock, self._reported():
            return self._db.execute(query, values).fetchall()

    def compact(self) -> None:
        """Rewrite the file without deleted data, so that no byte of it is left in the file or in its log.

        Waits up to 10 seconds for readers of an earlier state, who need the log.
        """
        with self._lock, self._reported():
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA busy_timeout = 10000")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self._db.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000:.0f}")
