"""Describes what went wrong on the disk in one sentence, with the file's name and what to do."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from ..errors import IndexDamagedError, StoreError

_FULL = ("disk is full", "no space left", "disk quota", "file too large", "code: 13)")
_READ_ONLY = ("readonly database", "read-only", "permission denied", "unable to open database file", "code: 14)")
_LITTLE = 2**20
"""With fewer free bytes there is no room for what Chroma writes at once."""
_NUMBERS = {errno.ENOSPC: _FULL[0], errno.EDQUOT: _FULL[0], errno.EFBIG: _FULL[0]}


def store_error(error: Exception, what: str, way_back: str, place: Path | None = None) -> StoreError:
    """The error to raise for a store. A full disk, or a folder that cannot be written, is not reported as damage.

    `what` names the file or the store, `way_back` says what to do if it is damaged. Some errors do not say that the
    disk is full, so the free space at `place` is checked.
    """
    reason = " ".join(str(error).split())
    said = f"{reason} {_NUMBERS.get(getattr(error, 'errno', None) or 0, '')}".lower()
    if any(sign in said for sign in _FULL) or (place is not None and _is_full(place)):
        return StoreError(
            f"the disk is full: {what} cannot be written ({reason}); make room and run the same again, what was done "
            "is kept"
        )
    if any(sign in said for sign in _READ_ONLY):
        return StoreError(
            f"{what} cannot be written ({reason}); open it with read_only=True, make its folder writable, or copy the "
            "index and name the copy with --index"
        )
    if "disk i/o error" in said:
        return StoreError(
            f"{what} cannot be read or written ({reason}); see whether the disk has room and is sound, and "
            "your quota is not used up, and run the same again"
        )
    return IndexDamagedError(f"{what} is damaged ({reason}); {way_back}")


def _is_full(place: Path) -> bool:
    try:
        return shutil.disk_usage(place).free < _LITTLE
    except OSError:
        return False


def catalog_fault(path: Path) -> str | None:
    """What is wrong with a catalog's file, checked page by page; None if it is sound."""
    if not path.is_file():
        return "it is gone"
    if path.stat().st_size == 0:
        return "it is empty"
    try:
        with closing(sqlite3.connect(path)) as db:
            found = [str(row[0]) for row in db.execute("PRAGMA integrity_check(1)")]
            tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.DatabaseError as error:
        return str(error)
    if not {"meta", "documents", "nodes", "vectors"} <= tables:
        return "it lacks tables"
    return None if found == ["ok"] else found[0].splitlines()[-1]


def refuse_emptied(path: Path) -> None:
    """Raise IndexDamagedError if a catalog is gone or empty but Chroma's copy exists. A new catalog would empty the
    copy, too."""
    lost = not path.is_file() or path.stat().st_size == 0
    if lost and has_records(path.parent / "chroma" / "chroma.sqlite3"):
        raise IndexDamagedError(
            f"{path} is {'empty' if path.is_file() else 'gone'}, but Chroma's copy of the tree exists; recover what "
            "can be read with: ragtree repair FOLDER (or delete the index's folder, and index again)"
        )


def has_records(path: Path) -> bool:
    """True if Chroma's file exists and holds records."""
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(path)) as db:
            query = "SELECT EXISTS (SELECT 1 FROM embeddings) OR EXISTS (SELECT 1 FROM embeddings_queue)"
            return bool(db.execute(query).fetchone()[0])
    except sqlite3.DatabaseError:
        return False
