"""What .gitignore and .ragtreeignore exclude, also those of inner folders, as git reads them (gitignore(5)).

A walk asks about a folder before its content, so each pattern has to match the path itself. Libraries that match whole
paths differ from git for folders that a later pattern includes again. tests/load/test_ignore.py compares with git.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..text_files import marked_encoding

EXCLUDING = (".gitignore", ".ragtreeignore")
"""The second is read after the first, so `!notes/` in it includes again what git ignores but ragtree should read."""

_MOST_BYTES = 1_000_000
"""Bytes that are read of such a file. No person writes a longer one."""


@dataclass(frozen=True, slots=True)
class IgnorePattern:
    """A line of an ignore file."""

    path: re.Pattern[str]
    """Matches a path relative to the folder of the file."""
    excludes: bool
    folders_only: bool


class Rules:
    """The patterns of a walk from the top down. Read each folder before you ask about its content."""

    def __init__(self) -> None:
        self._of: dict[str, list[IgnorePattern]] = {}

    def read(self, folder: Path, place: str, names: Collection[str]) -> None:
        """Read the patterns in `folder`, whose path from the top is `place` (`""` or `a/b/`); `names` are its files."""
        lines = [line for name in EXCLUDING if name in names for line in _lines(folder / name)]
        patterns = [pattern for pattern in map(compile_pattern, lines) if pattern is not None]
        if patterns:
            self._of[place] = patterns[::-1]

    def exclude(self, path: str, is_folder: bool) -> bool:
        """True if the path from the top is excluded. The last matching line of the innermost file with one decides."""
        for place in _places(path) if self._of else ():
            below = path[len(place) :]
            for pattern in self._of.get(place, ()):
                if (is_folder or not pattern.folders_only) and pattern.path.fullmatch(below):
                    return pattern.excludes
        return False


def compile_pattern(line: str) -> IgnorePattern | None:
    """A line as a pattern; None for a comment, an empty line, and a line that cannot match anything."""
    line = re.sub(r"(?<!\\) +$", "", line.removesuffix("\n").removesuffix("\r"))
    if not line or line.startswith("#"):
        return None
    excludes = not line.startswith("!")
    line = line if excludes else line[1:]
    folders_only = line.endswith("/")
    line = line.removesuffix("/")
    anchored = "/" in line
    line = re.sub(r"^(?:\*\*/)+", "**/", line.removeprefix("/"))
    if not line:
        return None
    try:
        path = re.compile(("" if anchored else "(?:.*/)?") + "".join(_pieces(line)), re.DOTALL)
    except (ValueError, IndexError, re.error):  # an unclosed bracket, or a backslash at the end
        return None
    return IgnorePattern(path, excludes, folders_only)


def _pieces(line: str) -> Iterator[str]:
    """The regular expression of a pattern, piece by piece. Raises ValueError for an unclosed bracket."""
    at = 0
    while at < len(line):
        begins = at == 0 or line[at - 1] == "/"
        if begins and line.startswith("**/", at):
            yield "(?:.*/)?"
            at += 3
        elif begins and line[at:] == "**":
            yield ".+"
            at += 2
        elif line[at] == "*":
            yield "[^/]*"
            at = re.compile(r"\*+").match(line, at).end()  # type: ignore[union-attr]
        elif line[at] == "?":
            yield "[^/]"
            at += 1
        elif line[at] == "[":
            end = line.index("]", at + 3 if line[at + 1 : at + 2] in ("!", "^") else at + 2)
            yield _one_of(line[at + 1 : end])
            at = end + 1
        else:
            at += line[at] == "\\"
            yield re.escape(line[at])
            at += 1


def _one_of(inside: str) -> str:
    """The regular expression of a class of characters, which never matches a slash."""
    negated = inside[0] in "!^"
    inside = re.sub(r"([\[\]^&~|])", r"\\\1", inside[1:] if negated else inside)
    return f"(?!/)[{'^' if negated else ''}{inside}]"


def _places(path: str) -> Iterator[str]:
    """The folders above a path, the innermost first."""
    place = path
    while place:
        place = place.rpartition("/")[0]
        yield f"{place}/" if place else ""


def _lines(path: Path) -> list[str]:
    """The lines of an ignore file. As in git, a CR is part of a name (`Icon\\r`), unless no line ends in LF."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES)
    except OSError:  # listed but unreadable; git goes on, too
        return []
    text = data.decode(marked_encoding(data), "replace").lstrip("\ufeff")
    return text.split("\n" if "\n" in text else "\r")
