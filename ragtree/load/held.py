"""What files hold, by format: what of it is read, what is left out on purpose, and what a notice tells.

docs/formats.md is written from this; a reader can only tell what is listed here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Fate(StrEnum):
    """What becomes of a part of a file."""

    READ = "read"
    LEFT_OUT = "left out"
    TOLD = "told"


class Held(NamedTuple):
    """Something that a file may hold."""

    what: str
    fate: Fate
    how: str
    """Where it stands in the text, or why it is not there; for what is told, the words of the notice."""


BROKEN_PARTS = "broken parts of the file"

FORMATS: Mapping[str, tuple[Held, ...]] = {
    "PDF": tuple(
        Held(w, Fate.TOLD, "not read")
        for w in (
            "attached files",
            "digital signatures",
            "broken pages",
            "pages that are pictures",
            "sounds and videos",
            "hidden form fields and notes",
            "passwords in form fields",
        )
    ),
    "XLSX": tuple(
        Held(w, Fate.TOLD, "x")
        for w in (
            "formulas without a kept value",
            "odd cells",
            "hidden sheets",
            "hidden rows and columns",
            "broken parts of the file",
            "embedded files",
            "form controls",
        )
    ),
}


class Told:
    """What the reader of one file found and did not read as it stands, counted by kind."""

    def __init__(self, format_: str) -> None:
        self._how = {held.what: held.how for held in FORMATS[format_] if held.fate is Fate.TOLD}
        self._counts: Counter[str] = Counter()
        self._names: dict[str, list[str]] = {}

    def add(self, what: str, name: str = "") -> None:
        """One more of `what`, which is one of the format's kinds that are told; its name, if it has one."""
        if what not in self._how:
            raise KeyError(f"{what!r} is not listed among what is told of this format")
        self._counts[what] += 1
        names = self._names.setdefault(what, [])
        if name and len(names) < _MOST_NAMES:
            names.append(" ".join(name.split())[:_LONGEST_NAME])

    def notices(self) -> tuple[str, ...]:
        """A sentence for each kind: "attached files: 2, not read (tides.csv, chart.png)"."""
        return tuple(
            f"{what}: {count}, {self._how[what]}" + (f" ({', '.join(names)})" if (names := self._names[what]) else "")
            for what, count in self._counts.items()
        )


_MOST_NAMES = 5
_LONGEST_NAME = 80
