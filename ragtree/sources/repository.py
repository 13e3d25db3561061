"""`git+file:///repository`: the files that git tracks, as they are in the last commit (HEAD), and who changed them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..errors import NothingToIndexError
from ..load.base import FileEntry, Listing
from ..types import Scalar
from .names import kept

_SECONDS = 120
"""For one call of git."""
_HISTORY_SECONDS = 600
"""For the one that walks through all commits."""
_COMMIT = b"\x01"
"""Begins the line of a commit in the history. The fields of the line are separated by `\\x02`."""
_KINDS = {"120000": "links", "160000": "submodules"}
"""Modes of entries that are no files."""


class RepositorySource:
    """A repository on this machine, with or without a working tree. The hash of a file tells whether it has changed."""

    def __init__(self, address: str) -> None:
        self._folder = Path(unquote(urlsplit(address).path))
        self.address = f"git+file://{self._folder}"

    def files(self) -> Listing:
        newest = int(self._git("log", "-1", "--no-show-signature", "--format=%ct", "HEAD"))
        commits = self._last_commits()
        found: dict[str, FileEntry] = {}
        left: dict[str, int] = {}
        for mode, key, size, name in self._tree():
            if mode in _KINDS:
                left[_KINDS[mode]] = left.get(_KINDS[mode], 0) + 1
                continue
            last = commits.get(name)
            seconds, metadata = (last.seconds, last.metadata) if last else (newest, {})
            found[name] = FileEntry(name, _Blob(self._folder, key), size, seconds * 10**9, key, metadata)
        names, ignored = kept(found)
        return Listing(tuple(found[name] for name in names), {**ignored, **left})

    def _last_commits(self) -> dict[str, _Commit]:
        """The last commit that changed each path, by path, from one walk through the history.

        The oldest commits of a shallow clone are left out: git shows all files as theirs, whoever changed them.
        """
        is_shallow = self._git("rev-parse", "--is-shallow-repository").strip() == b"true"
        form = "--format=%x01%ct%x02%cs%x02%P%x02%aN"
        paths = ("--name-only", "--no-renames", "--no-relative", "-z", "-c")  # -c: what a merge itself has changed
        told = self._git("log", "--no-show-signature", form, *paths, "HEAD", seconds=_HISTORY_SECONDS)
        found: dict[str, _Commit] = {}
        commit: _Commit | None = None
        for part in told.split(b"\0"):
            if part.startswith(_COMMIT):
                seconds, day, parents, author = part[1:].split(b"\x02", 3)
                name = " ".join(author.decode("utf-8", "replace").split())
                commit = None if is_shallow and not parents else _Commit(int(seconds), day.decode(), name)
            elif part.strip(b"\n") and commit is not None:  # a line end separates a commit from its first path
                found.setdefault(os.fsdecode(part.removeprefix(b"\n")), commit)
        return found

    def _tree(self) -> Iterator[tuple[str, str, int, str]]:
        """Mode, hash, size in bytes and path of everything in the last commit."""
        told = self._git("ls-tree", "-r", "-z", "--long", "--full-tree", "HEAD")
        for line in told.rstrip(b"\0").split(b"\0") if told else ():
            facts, _, name = line.partition(b"\t")
            mode, _, key, size = facts.split()
            yield mode.decode(), key.decode(), int(size) if size.isdigit() else 0, os.fsdecode(name)

    def _git(self, *arguments: str, seconds: float = _SECONDS) -> bytes:
        try:
            return _run(self._folder, *arguments, seconds=seconds)
        except OSError as error:
            raise NothingToIndexError(
                f"{self.address} cannot be read ({error}); name a git repository with a commit, and install git"
            ) from error


@dataclass(frozen=True, slots=True)
class _Commit:
    """What is told of a commit."""

    seconds: int
    """When it was committed, since 1970."""
    day: str
    """The same in its own time zone, as YYYY-MM-DD."""
    author: str

    @property
    def metadata(self) -> Mapping[str, Scalar]:
        return {"modified": self.day, **({"author": self.author} if self.author else {})}


@dataclass(frozen=True, slots=True)
class _Blob:
    """The content of a file in a commit."""

    folder: Path
    key: str

    def read_bytes(self) -> bytes:
        return _run(self.folder, "cat-file", "blob", self.key)


def _run(folder: Path, *arguments: str, seconds: float = _SECONDS) -> bytes:
    """The output of git, which fetches nothing and asks nothing. Raises OSError."""
    quiet = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
            env={**os.environ, **quiet},
        )
    except subprocess.TimeoutExpired as error:
        raise OSError(f"git {arguments[0]} takes longer than {seconds:g} seconds") from error
    if done.returncode:
        raise OSError(" ".join(done.stderr.decode("utf-8", "replace").split()) or f"git {arguments[0]} failed")
    return done.stdout
