"""One process holds an index; a second one is told which."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import IndexLockedError, StoreError

WRITER = "lock"
"""Held by the process that may write the index."""
CHROMA = "chroma.lock"
"""Held by the process that has the index's own Chroma open, in itself or as a server."""


class IndexLock:
    """Held from `__init__` to `release`. The system frees it when the process dies, however it dies.

    What stands in the file beside it, `NAME.pid`, is for messages alone: a number that another process has got since
    locks nobody out. `address` is where the holder serves the index to others.
    """

    def __init__(self, folder: Path, name: str = WRITER, address: str = "") -> None:
        self._folder = folder
        self._holder = folder / f"{name}.pid"
        self._lock = FileLock(str(folder / name), is_singleton=False, thread_local=False)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise IndexLockedError(self._told()) from error
        except OSError as error:
            raise StoreError(f"the index {folder} cannot be written ({error.strerror}); {_ELSEWHERE}") from error
        with suppress(OSError):  # on a full disk the lock holds all the same
            self._holder.write_text(f"{os.getpid()} {address}".rstrip(), encoding="utf-8")

    def _told(self) -> str:
        pid, _, address = self._read().partition(" ")
        if pid == str(os.getpid()):
            return f"the index {self._folder} is open already in this process ({pid}); close it first"
        if address:
            return (
                f"the index {self._folder} is served by process {pid} at {address}; share it with "
                f"--set store.url={address} (RAGTREE_STORE_URL), or end that process"
            )
        if pid.isdigit() and not _is_alive(int(pid)):
            return f"the index {self._folder} is in use by a process that process {pid} has started; end it"
        return f"the index {self._folder} is in use by process {pid}; wait for it or end it"

    def _read(self) -> str:
        try:
            said = self._holder.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return "unknown"
        return said if said.partition(" ")[0].isdecimal() else "unknown"

    def release(self) -> None:
        """Let others have it. Releasing twice does no harm."""
        self._lock.release()


_ELSEWHERE = "--index names another place"


def _is_alive(pid: int) -> bool:
    """False where there is no such process, as far as one can ask without disturbing it."""
    if os.name == "nt":
        return True  # there a signal of 0 is not a question
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
