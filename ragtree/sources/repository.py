"""`git+file:///repository`: the files that git tracks, as they are in the last commit (HEAD)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..errors import NothingToIndexError
from ..load.base import FileEntry, Listing
from .names import kept

_SECONDS = 120
"""For one call of git."""
_KINDS = {"120000": "links", "160000": "submodules"}
"""Modes of entries that are no files."""


class RepositorySource:
    """A repository on this machine, with or without a working tree. The hash of a file tells whether it has changed."""

    def __init__(self, address: str) -> None:
        self._folder = Path(unquote(urlsplit(address).path))
        self.address = f"git+file://{self._folder}"

    def files(self) -> Listing:
        modified = int(self._git("log", "-1", "--format=%ct", "HEAD")) * 10**9
        found: dict[str, FileEntry] = {}
        left: dict[str, int] = {}
        for mode, key, size, name in self._tree():
            if mode in _KINDS:
                left[_KINDS[mode]] = left.get(_KINDS[mode], 0) + 1
            else:
                found[name] = FileEntry(name, _Blob(self._folder, key), size, modified, key)
        names, ignored = kept(found)
        return Listing(tuple(found[name] for name in names), {**ignored, **left})

    def _tree(self) -> Iterator[tuple[str, str, int, str]]:
        """Mode, hash, size in bytes and path of everything in the last commit."""
        told = self._git("ls-tree", "-r", "-z", "--long", "--full-tree", "HEAD")
        for line in told.rstrip(b"\0").split(b"\0") if told else ():
            facts, _, name = line.partition(b"\t")
            mode, _, key, size = facts.split()
            yield mode.decode(), key.decode(), int(size) if size.isdigit() else 0, os.fsdecode(name)

    def _git(self, *arguments: str) -> bytes:
        try:
            return _run(self._folder, *arguments)
        except OSError as error:
            raise NothingToIndexError(
                f"{self.address} cannot be read ({error}); name a git repository with a commit, and install git"
            ) from error


@dataclass(frozen=True, slots=True)
class _Blob:
    """The content of a file in a commit."""

    folder: Path
    key: str

    def read_bytes(self) -> bytes:
        return _run(self.folder, "cat-file", "blob", self.key)


def _run(folder: Path, *arguments: str) -> bytes:
    """The output of git, which fetches nothing and asks nothing. Raises OSError."""
    quiet = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
            env={**os.environ, **quiet},
        )
    except subprocess.TimeoutExpired as error:
        raise OSError(f"git {arguments[0]} takes longer than {_SECONDS} seconds") from error
    if done.returncode:
        raise OSError(" ".join(done.stderr.decode("utf-8", "replace").split()) or f"git {arguments[0]} failed")
    return done.stdout
