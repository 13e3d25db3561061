"""Lets one process hold an index, and tells a second one which process that is."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from weakref import WeakSet

from filelock import FileLock, Timeout

from ..errors import IndexLockedError, StoreError
from ..processes import ProcessBound
from .faults import store_error
from .holder import Holder

WRITER = "lock"
"""Held by the process that may write the index."""
CHROMA = "chroma.lock"
"""Held by the process that has the index's own Chroma open, for itself or as a server."""


class IndexLock(ProcessBound):
    """Held from `__init__` to `release`. The system frees it when the process dies, however it dies.

    The file `NAME.pid` beside it is only for messages: a process number that has been reused locks nobody out.
    `address` is where the holder serves the index to others.
    """

    def __init__(self, folder: Path, name: str = WRITER, address: str = "") -> None:
        self._folder = folder
        self._file = folder / name
        self._holder = folder / f"{name}.pid"
        self._lock = FileLock(str(self._file), is_singleton=False, thread_local=False)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise IndexLockedError(self._told()) from error
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise store_error(error, str(self._file), "") from error
            raise StoreError(f"the index {folder} cannot be written ({error.strerror}); {_ELSEWHERE}") from error
        _HELD.add(self)
        with suppress(OSError):  # on a full disk, the lock is held all the same
            self._holder.write_text(Holder.here(address).written(), encoding="utf-8")

    def _told(self) -> str:
        if any(lock._file.samefile(self._file) for lock in _HELD):
            return f"the index {self._folder} is open already in this process ({os.getpid()}); close it first"
        holder = Holder.read(self._holder)
        if holder is None:
            return (
                f"the index {self._folder} is in use by another process, which cannot be told; wait until it closes it"
            )
        return holder.told(self._folder)

    def release(self) -> None:
        """Release the lock. Releasing twice does no harm."""
        if self in _HELD:
            _HELD.discard(self)
            with suppress(OSError):
                self._holder.unlink(missing_ok=True)
        self._lock.release()

    def _leave_behind(self) -> None:
        _HELD.discard(self)


_HELD: WeakSet[IndexLock] = WeakSet()
"""The locks that this process holds."""

_ELSEWHERE = "open it with read_only=True, make it writable, or copy it: --index names another place"
