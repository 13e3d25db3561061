"""What .gitignore and .ragtreeignore exclude, those of inner folders too, as git reads them (gitignore(5)).

A walk that asks for every folder before what is in it needs each pattern's own match; libraries that match whole paths
decide folders otherwise than git where a later pattern brings them back. tests/load/test_ignore.py compares with git.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..text_files import marked_encoding

EXCLUDING = (".gitignore", ".ragtreeignore")
"""The second is read after the first, so that `!notes/` in it brings back what is not for git, but to be read."""

_MOST_BYTES = 1_000_000
"""A longer file of patterns is not one that a person wrote."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A line of such a file."""

    path: re.Pattern[str]
    """Matches a path from the folder of the file."""
    excludes: bool
    folders_only: bool


class Rules:
    """The patterns of a walk from the top down; each folder is read before what lies in it is asked for."""

    def __init__(self) -> None:
        self._of: dict[str, list[Pattern]] = {}

    def read(self, folder: Path, place: str, names: Collection[str]) -> None:
        """Read the patterns that lie in `folder`, whose path from the top is `place` (`""` or `a/b/`)."""
        lines = [line for name in EXCLUDING if name in names for line in _lines(folder / name)]
        patterns = [pattern for pattern in map(compile_pattern, lines) if pattern is not None]
        if patterns:
            self._of[place] = patterns[::-1]

    def exclude(self, path: str, is_folder: bool) -> bool:
        """True where the path from the top is excluded: by the innermost file that says anything, and its last line."""
        for place in _places(path) if self._of else ():
            below = path[len(place) :]
            for pattern in self._of.get(place, ()):
                if (is_folder or not pattern.folders_only) and pattern.path.fullmatch(below):
                    return pattern.excludes
        return False


def compile_pattern(line: str) -> Pattern | None:
    """A line as a pattern; None for a comment, an empty line, and one that can match nothing."""
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
    except (ValueError, IndexError, re.error):  # a bracket that does not close, a backslash before nothing
        return None
    return Pattern(path, excludes, folders_only)


def _pieces(line: str) -> Iterator[str]:
    """The regular expression of a pattern, piece by piece. Raises ValueError for a bracket that does not close."""
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
    """A class of characters; none has a slash in it."""
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
    """The lines of such a file. As for git, a CR is a part of a name (`Icon\\r`), unless lines end in nothing else."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES)
    except OSError:  # it can be listed and not read; git goes on, too
        return []
    text = data.decode(marked_encoding(data), "replace").lstrip("\ufeff")
    return text.split("\n" if "\n" in text else "\r")
