"""SQLite files that were open when this process was forked. SQLite cannot open them here.

SQLite counts its locks on a file once per process, and a fork copies that count but not the locks. A new connection in
the child would believe that it holds a lock, and another process could delete the log that it uses.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from ..errors import WrongProcessError

_INHERITED: set[tuple[int, int]] = set()


def note_inherited(path: Path, connection: sqlite3.Connection) -> None:
    """In the child: record the file of a connection of the parent, unless it was closed before the fork."""
    try:
        _ = connection.in_transaction, connection.total_changes
        _INHERITED.add(_identity(path))
    except (sqlite3.ProgrammingError, OSError):
        pass


def refuse_inherited(path: Path) -> None:
    """Raise WrongProcessError for a file that was open in the parent when it forked."""
    if not _INHERITED:
        return
    try:
        is_inherited = _identity(path) in _INHERITED
    except OSError:
        return
    if is_inherited:
        raise WrongProcessError(
            f"{path} was open when this process was forked, so SQLite cannot open it again here; close it "
            "before the fork, open it only in the child, or start processes with multiprocessing's spawn"
        )


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino
