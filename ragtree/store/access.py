"""Which process may open an index, and which may write it.

An index with its own Chroma belongs to the one process that may write it. If its Chroma is a server, many processes may
write it, and each holds the lock while it does. A process that only reads holds no lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import StoreError
from ..processes import ProcessBound
from .lock import CHROMA, IndexLock


class IndexAccess(ProcessBound):
    """The access of one process to an index. Its threads take turns in `writing`."""

    def __init__(self, folder: Path, shared: bool, read_only: bool) -> None:
        """Raises IndexLockedError if the index is to be written, is not shared, and another process holds it."""
        self.shared = shared
        self.read_only = read_only
        self._folder = folder
        self._held: list[IndexLock] = []
        self._depth = 0
        if not shared and not read_only:
            try:
                self._held.append(IndexLock(folder))
                self._held.append(IndexLock(folder, CHROMA))
            except BaseException:
                self.release()
                raise

    @property
    def may_write(self) -> bool:
        """True if this process holds the index now."""
        return bool(self._held) and not self.read_only

    @contextmanager
    def writing(self) -> Iterator[bool]:
        """Hold the index while the block changes it. Yields True if other processes may have changed it meanwhile.

        Raises IndexLockedError if another process is writing, StoreError if this one opened the index read-only.
        """
        self.check_writable()
        is_fresh = self.shared and not self._depth
        if is_fresh:
            self._held.append(IndexLock(self._folder))
        self._depth += 1
        try:
            yield is_fresh
        finally:
            self._depth -= 1
            if is_fresh:
                self.release()

    def check_writable(self) -> None:
        """Raise StoreError if this process opened the index read-only."""
        if self.read_only:
            raise StoreError(f"the index {self._folder} was opened read-only; open it without read_only to change it")

    def release(self) -> None:
        """Release the locks. Releasing twice does no harm."""
        while self._held:
            self._held.pop().release()
