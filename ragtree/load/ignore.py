"""What .gitignore and .ragtreeignore exclude, those of inner folders too, as git reads them (gitignore(5))."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

EXCLUDING = (".gitignore", ".ragtreeignore")
"""The second is read after the first, so that `!notes/` in it brings back what is not for git, but to be read."""

_MOST_BYTES = 1_000_000
"""A longer file of patterns is not one that a person wrote."""


class Rules:
    """The patterns of a walk from the top down; each folder is read before what lies in it is asked for."""

    def __init__(self) -> None:
        self._of: dict[str, GitIgnoreSpec] = {}

    def read(self, folder: Path, place: str, names: Collection[str]) -> None:
        """Read the patterns that lie in `folder`, whose path from the top is `place` (`""` or `a/b/`)."""
        lines: list[str] = []
        for name in EXCLUDING:
            if name in names:
                lines.extend(_lines(folder / name))
        if lines:
            self._of[place] = _compiled(lines)

    def exclude(self, path: str) -> bool:
        """True where the path from the top (a folder's ends with a slash) is excluded; inner patterns win."""
        if not self._of:
            return False
        place = path.rstrip("/")
        while place:
            place = place.rpartition("/")[0]
            spec = self._of.get(f"{place}/" if place else "")
            if spec is not None:
                decided = spec.check_file(path[len(place) + 1 if place else 0 :]).include
                if decided is not None:
                    return decided
        return False


def _lines(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8-sig", "replace").splitlines()
    except OSError:
        return []


def _compiled(lines: list[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:  # a pattern that git would pass over; so do we, and keep the others
        return GitIgnoreSpec.from_lines(line for line in lines if _is_pattern(line))


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
