"""Who may open an index, and who may write it.

An index with a Chroma of its own belongs to the one process that may write it. One whose Chroma is a server may be
written by many; the one that changes something holds the lock while it does. Who only reads holds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import StoreError
from ..processes import OfOneProcess
from .lock import CHROMA, IndexLock


class Access(OfOneProcess):
    """One process's. Threads take turns in `writing`."""

    def __init__(self, folder: Path, shared: bool, read_only: bool) -> None:
        """Raises IndexLockedError where the index is to be written, is not shared, and another process holds it."""
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
        """True for the process that holds the index."""
        return bool(self._held) and not self.read_only

    @contextmanager
    def writing(self) -> Iterator[bool]:
        """For what changes the index; gives True where other processes may have changed it meanwhile.

        Raises IndexLockedError where another one is writing, StoreError where this one reads only.
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
        """Raises StoreError where this process reads only."""
        if self.read_only:
            raise StoreError(f"the index {self._folder} was opened read-only; open it without read_only to change it")

    def release(self) -> None:
        """Let others have it. Releasing twice does no harm."""
        while self._held:
            self._held.pop().release()
