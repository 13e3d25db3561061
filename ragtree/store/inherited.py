"""Files of SQLite that were open when this process was forked. SQLite cannot open them here.

It counts its locks on a file once for the whole process, and a fork copies that count, but no lock. A new connection in
the child would take itself for protected, and another process could take the log away under it.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from ..errors import WrongProcessError

_INHERITED: set[tuple[int, int]] = set()


def note_inherited(path: Path, connection: sqlite3.Connection) -> None:
    """In the child: the parent had this connection, which may have been closed before."""
    try:
        _ = connection.in_transaction, connection.total_changes
        _INHERITED.add(_identity(path))
    except (sqlite3.ProgrammingError, OSError):
        pass


def refuse_inherited(path: Path) -> None:
    """Raises WrongProcessError for a file that was open in the process that this one was forked from."""
    if not _INHERITED:
        return
    try:
        is_inherited = _identity(path) in _INHERITED
    except OSError:
        return
    if is_inherited:
        raise WrongProcessError(
            f"{path} was open when this process was forked, and SQLite cannot open it a second time here; close it "
            "before the fork, open it in the child alone, or start processes with multiprocessing's spawn"
        )


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino
