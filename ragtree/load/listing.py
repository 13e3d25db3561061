"""Lists the files of a folder that are to be read, and counts those that are left out, by reason."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ..errors import NothingToIndexError
from .base import FileEntry, Listing
from .ignore import EXCLUDING, Rules
from .windows_paths import openable

INDEX_FILE = "catalog.sqlite"
"""A folder with this file is an index, not documents."""

_OWN_FILES = frozenset({"ragtree.toml", *EXCLUDING})
_OWN_FOLDERS = frozenset({".ragtree"})


class Folder:
    """A folder as a source."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.address = str(folder)

    def files(self) -> Listing:
        return list_files(self._folder)


def scan(folder: Path) -> list[FileEntry]:
    """All files below `folder` that are to be read, sorted by id. Raises NothingToIndexError if there is no folder."""
    return list(list_files(folder).entries)


def list_files(folder: Path) -> Listing:
    """The files in `folder`, without hidden and excluded ones (.gitignore, .ragtreeignore), links to folders or out of
    the folder, indexes, and ragtree's own files.

    Raises NothingToIndexError if there is no such folder.
    """
    check_folder(folder)
    walk = _Walk(folder)
    entries = tuple(sorted(walk.files(), key=lambda entry: entry.id))
    return Listing(entries, dict(sorted(walk.ignored.items())))


def check_folder(folder: Path) -> None:
    """Raise NothingToIndexError if there is no such folder."""
    if not folder.exists():
        raise NothingToIndexError(f"there is no folder {folder}")
    if not folder.is_dir():
        raise NothingToIndexError(f"{folder} is a file; name the folder that holds it")


def why_not_entered(rules: Rules, here: Path | None, place: str, name: str) -> str | None:
    """Why a folder is left out, empty for ragtree's own; None if it is entered.

    `place` is the path of `here` from the top (`""` or `a/b/`); `here` is None in a place without links. `rules` must
    have read its patterns and those above.
    """
    if name in _OWN_FOLDERS:
        return ""
    if name.startswith("."):
        return "hidden"
    if rules.exclude(place + name, is_folder=True):
        return "excluded"
    # A link's target is read at its own place, or lies outside, or is above us.
    if here is not None and os.path.islink(here / name):  # noqa: PTH114 - Path.is_symlink raises for a path that is too long
        return "links to folders"
    return None


def why_not_read(rules: Rules, place: str, name: str) -> str | None:
    """Why a file is left out for its name, empty for ragtree's own; None if it may be read."""
    if name in _OWN_FILES:
        return ""
    if name.startswith("."):
        return "hidden"
    if rules.exclude(place + name, is_folder=False):
        return "excluded"
    return None


class _Walk:
    """One walk through a folder, counting what is left out."""

    def __init__(self, folder: Path) -> None:
        self.ignored: Counter[str] = Counter()
        self._folder = folder
        self._inside = os.path.realpath(folder)
        self._rules = Rules()

    def files(self) -> Iterator[FileEntry]:
        closed: list[OSError] = []
        for root, folders, files in os.walk(self._folder, onerror=closed.append):
            here = Path(root)
            if INDEX_FILE in files and here != self._folder:  # an index that somebody put among the documents
                folders.clear()
                continue
            place = "" if here == self._folder else here.relative_to(self._folder).as_posix() + "/"
            self._rules.read(here, place, files)
            folders[:] = [name for name in sorted(folders) if self._enters(here, place, name)]
            for name in files:
                entry = self._entry(here, place, name)
                if entry is not None:
                    yield entry
        for error in closed:  # a folder that may not be listed; reading it gives the reason
            path = Path(error.filename)
            yield FileEntry(path.relative_to(self._folder).as_posix(), path, 0, 0)

    def _enters(self, here: Path, place: str, name: str) -> bool:
        reason = why_not_entered(self._rules, here, place, name)
        if reason is not None:
            self._leave(reason)
        return reason is None

    def _entry(self, here: Path, place: str, name: str) -> FileEntry | None:
        reason = why_not_read(self._rules, place, name)
        if reason is not None:
            self._leave(reason)
            return None
        path = openable(here / name)
        try:
            status = path.stat()
        except OSError:  # a broken link, or deleted since the listing; reading it gives the reason
            return FileEntry(place + name, path, 0, 0)
        if not path.is_file():
            self._leave("devices and pipes")
            return None
        if path.is_symlink() and not self._is_inside(path):
            self._leave("links out of the folder")
            return None
        return FileEntry(place + name, path, status.st_size, _within_64_bits(status.st_mtime_ns))

    def _is_inside(self, path: Path) -> bool:
        try:
            return os.path.commonpath([self._inside, os.path.realpath(path)]) == self._inside
        except ValueError:  # on another drive
            return False

    def _leave(self, kind: str) -> None:
        if kind:
            self.ignored[kind] += 1


def _within_64_bits(nanoseconds: int) -> int:
    """The time, limited to what a database can keep: a dead clock or a broken archive leaves files of any year."""
    return max(-(2**63), min(nanoseconds, 2**63 - 1))
