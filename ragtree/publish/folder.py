"""A folder as an object store, such as a shared disk."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import PublishedError
from .base import StoredObject

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""A link is not followed, and a pipe does not block: other people may write to the folder."""
_UNFINISHED = ".new"


class FolderStore:
    """Each object is a file. It is written beside its place and renamed, so that it is there wholly or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.address = str(folder)

    def get(self, name: str, most: int) -> bytes | None:
        with self._reported(f"{name} cannot be read"):
            try:
                number = os.open(self._folder / name, _FLAGS)
            except FileNotFoundError:
                return None
            except OSError as error:
                if error.errno != errno.ELOOP:
                    raise
                raise PublishedError(f"{self.address}/{name} is a link; delete it, and publish again") from error
            with os.fdopen(number, "rb") as file:
                if not stat.S_ISREG(os.fstat(number).st_mode):
                    raise PublishedError(f"{self.address}/{name} is not a file; delete it, and publish again")
                content = file.read(most + 1)
        if len(content) > most:
            raise PublishedError(f"{self.address}/{name} has more than {most} bytes; publish or sync again")
        return content

    def put(self, name: str, content: bytes) -> None:
        path = self._folder / name
        unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}{_UNFINISHED}")
        with self._reported(f"{name} cannot be written"):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with unfinished.open("wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())  # `latest` must not survive a power failure without what it names
                unfinished.replace(path)
            finally:
                unfinished.unlink(missing_ok=True)

    def listed(self, prefix: str) -> Iterator[StoredObject]:
        with self._reported("it cannot be listed"):
            for parent, _, names in os.walk(self._folder / prefix):
                for name in names:
                    path = Path(parent, name)
                    try:
                        status = path.lstat()
                    except FileNotFoundError:  # another process has renamed it
                        continue
                    yield StoredObject(path.relative_to(self._folder).as_posix(), status.st_size, status.st_mtime)

    def delete(self, names: Iterable[str]) -> None:
        with self._reported("it cannot be changed"):
            for name in names:
                (self._folder / name).unlink(missing_ok=True)

    @contextmanager
    def _reported(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise PublishedError(
                f"{self.address}: {what} ({error.strerror or error}); see whether the folder is there, has room, and "
                "may be used"
            ) from error
