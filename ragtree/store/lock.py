"""One process holds an index; a second one is told which."""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import IndexLockedError, StoreError


class IndexLock:
    """Held from `__init__` to `release`. The system frees it when the process dies, however it dies."""

    def __init__(self, folder: Path) -> None:
        self._holder = folder / "lock.pid"
        self._lock = FileLock(str(folder / "lock"), is_singleton=False, thread_local=False)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            holder = self._pid()
            if holder == str(os.getpid()):
                message = f"the index {folder} is open already in this process ({holder}); close it first"
            else:
                message = f"the index {folder} is in use by process {holder}; wait for it or end it"
            raise IndexLockedError(message) from error
        except OSError as error:
            raise StoreError(
                f"the index {folder} cannot be written ({error.strerror}); --index names another place"
            ) from error
        self._holder.write_text(str(os.getpid()), encoding="ascii")

    def _pid(self) -> str:
        try:
            return self._holder.read_text(encoding="ascii") or "unknown"
        except OSError:
            return "unknown"

    def release(self) -> None:
        """Let others have it. Releasing twice does no harm."""
        self._lock.release()
