"""The files of an index for reading: in place, or through a temporary folder if the index's folder is read-only.

SQLite and tantivy write next to what they read (shared memory, locks), and fail in a read-only folder. So the lexical
index is linked into a temporary folder, which holds its lock, and SQLite opens the catalog as immutable. The exception
is a log that the last writer left behind: it can only be read with shared memory, so the catalog and the log are
copied.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path

from ..processes import ProcessBound
from . import faults
from .lexical_index import LexicalIndex
from .lexical_reader import LexicalReader

CATALOG = "catalog.sqlite"
LEXICAL = "lexical"
PUBLISHING = "publishing"
"""A copy of the index while it is published."""
VIEWS = "views"
"""The folder of indexes that are made from parts of this one, for people who may not see the rest."""
_PARTS = ("leaves", "summaries")
_BACK = "a process with write permission rebuilds it: ragtree index FOLDER"


def unwritable(folder: Path) -> Path | None:
    """The first path of an index that this process may not write: its folder or a file in it. None if it may write
    all of them, or if there is no index."""
    return next((path for path in _written(folder) if path.exists() and not os.access(path, os.W_OK)), None)


def _written(folder: Path) -> Iterator[Path]:
    yield folder
    for pattern in (f"{CATALOG}*", "lock*", "*.lock", "chroma/**/*", f"{LEXICAL}/**/*", "chroma", LEXICAL):
        yield from folder.glob(pattern)


class IndexFiles(ProcessBound):
    """The files of an index, for reading."""

    keeps_vectors = False
    """True if a process that only reads may keep files of mapped vectors."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def catalog(self) -> Path:
        """The file that SQLite is to open."""
        return self.folder / CATALOG

    def words(self, language: str) -> LexicalIndex:
        """The lexical index, for reading. Raises IndexDamagedError if it cannot be read."""
        return LexicalIndex(self.folder / LEXICAL, language, read_only=True)

    def close(self) -> None:
        """Remove temporary files."""


class BorrowedFiles(IndexFiles):
    """The files of an index in a read-only folder."""

    def __init__(self, folder: Path) -> None:
        """Raises StoreError if there is no room for a copy of the catalog."""
        super().__init__(folder)
        self._beside = Path(tempfile.mkdtemp(prefix="ragtree-"))
        self._removal = weakref.finalize(self, shutil.rmtree, self._beside, ignore_errors=True)
        self._copy: Path | None = None
        if _is_left_open(super().catalog):
            try:
                self._copy = self._copied(super().catalog)
            except OSError as error:
                self.close()
                raise faults.store_error(error, f"a copy of {super().catalog} at {self._beside}", _BACK) from error

    @property
    def catalog(self) -> Path:
        return self._copy or super().catalog

    def words(self, language: str) -> LexicalIndex:
        return LinkedIndex(self.folder / LEXICAL, self._beside, language)

    def close(self) -> None:
        self._removal()

    def _copied(self, catalog: Path) -> Path:
        for name in (catalog.name, f"{catalog.name}-wal"):
            shutil.copyfile(catalog.with_name(name), self._beside / name)
        return self._beside / catalog.name

    def _leave_behind(self) -> None:
        self._removal.detach()  # the temporary folder is the parent's


class LinkedIndex(LexicalIndex):
    """A lexical index whose files are links to those in a read-only folder."""

    def __init__(self, source: Path, beside: Path, language: str) -> None:
        """`beside` is the folder for the links. Raises IndexDamagedError if `source` cannot be read."""
        self._source = source
        self._beside = beside
        self._linked: tuple[bytes, ...] = ()
        self._language = language
        self._renew()

    def reader(self) -> LexicalReader:
        self._renew()
        return super().reader()

    def _renew(self) -> None:
        """Link again if another process has written since."""
        try:
            found = tuple((self._source / part / "meta.json").read_bytes() for part in _PARTS)
            if found == self._linked:
                return
            folder = Path(tempfile.mkdtemp(dir=self._beside))
            for part, meta in zip(_PARTS, found, strict=True):
                (folder / part).mkdir()
                (folder / part / "meta.json").write_bytes(meta)
                for file in (self._source / part).iterdir():
                    if not file.name.endswith((".lock", "meta.json")):
                        _link(file, folder / part / file.name)
        except OSError as error:
            raise faults.store_error(error, f"the lexical index at {self._source}", _BACK) from error
        super().__init__(folder, self._language, read_only=True)
        self._linked = found


def _link(file: Path, link: Path) -> None:
    try:
        link.symlink_to(file.absolute())
    except OSError:  # the system has no links, or does not allow them
        shutil.copyfile(file, link)


def _is_left_open(catalog: Path) -> bool:
    """True for a catalog with a log that cannot be read in place, because its shared memory is gone."""
    log, shared = (catalog.with_name(f"{catalog.name}{end}") for end in ("-wal", "-shm"))
    return log.is_file() and log.stat().st_size > 0 and not shared.exists()
