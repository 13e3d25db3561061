"""The copy of a published snapshot, as a read-only index. A symbolic link switches to the next snapshot, all at once.

snapshots/NAME/    the files of a snapshot, which never change
current            a link to the snapshot in use
"""

from __future__ import annotations

from pathlib import Path

from ..errors import IndexDamagedError
from .index_files import CATALOG, LEXICAL, IndexFiles
from .lexical_index import LexicalIndex
from .lexical_reader import LexicalReader

CURRENT = "current"
SNAPSHOTS = "snapshots"


def is_copy(folder: Path) -> bool:
    """True if a folder holds the copy of a published index."""
    return (folder / CURRENT).is_symlink()


class PublishedFiles(IndexFiles):
    """The files of the snapshot in use. Who has them open keeps reading them after the switch to the next one."""

    keeps_vectors = True

    @property
    def catalog(self) -> Path:
        return self.folder / CURRENT / CATALOG

    def words(self, language: str) -> LexicalIndex:
        return _FollowedIndex(self.folder / CURRENT, language)


class _FollowedIndex(LexicalIndex):
    """The lexical index of the snapshot in use."""

    def __init__(self, current: Path, language: str) -> None:
        self._current = current
        self._language = language
        self._opened: Path | None = None
        self._renew()

    def reader(self) -> LexicalReader:
        self._renew()
        return super().reader()

    def _renew(self) -> None:
        try:
            snapshot = self._current.resolve(strict=True)
        except OSError as error:
            raise IndexDamagedError(
                f"{self._current} names no snapshot ({error.strerror}); delete the folder"
            ) from error
        if snapshot != self._opened:
            super().__init__(snapshot / LEXICAL, self._language, read_only=True)
            self._opened = snapshot
