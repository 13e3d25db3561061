"""Joins blocks of text under headings into one text with its marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ...text.table_rows import table_row
from ...types import Location, Mark, Scalar
from ..base import Loaded


class Outline:
    """The text that a loader writes, block by block. Blocks without words are dropped."""

    def __init__(self) -> None:
        self.first_heading = ""
        """The heading that the text begins with; empty if it begins with something else."""
        self.length = 0
        """Characters so far."""
        self._pieces: list[str] = []
        self._marks: list[Mark] = []
        self._path: list[tuple[int, str]] = []
        self._heading: tuple[str, ...] = ()
        self._tight = False

    def heading(self, level: int, title: str, *, page: int | None = None, line: int | None = None) -> None:
        """Add a heading: a block of its own, and the last step of the path of the blocks that follow."""
        title = one_line(title)
        if title:
            if not self._pieces:
                self.first_heading = title
            self.enter(level, title)
            self.add(title, page=page, line=line)

    def enter(self, level: int, title: str) -> None:
        """Add a step of the path that is not in the text, such as a sheet's name. An empty title only ends others."""
        self._path = [step for step in self._path if step[0] < level]
        if title:
            self._path.append((level, one_line(title)))
        self._heading = tuple(step for _, step in self._path)
        self._tight = False

    def add(
        self,
        text: str,
        *,
        page: int | None = None,
        line: int | None = None,
        tight: bool = False,
        described: bool = False,
    ) -> None:
        """Add a block. A `tight` one follows another tight one on the next line: rows of a sheet, items of a list.

        One that is `described` is a model's description of a picture.
        """
        text = text.strip()
        if not text.strip("\ufeff\u200b"):
            return
        if self._pieces:
            gap = "\n" if tight and self._tight else "\n\n"
            self._pieces.append(gap)
            self.length += len(gap)
        self._marks.append(Mark(self.length, Location(page, line, self._heading, described)))
        self._pieces.append(text)
        self.length += len(text)
        self._tight = tight

    def extend(self, other: Outline) -> None:
        """Add all blocks of another outline, which has its own headings."""
        shift = self.length + (2 if self._pieces and other._pieces else 0)
        if self._pieces and other._pieces:
            self._pieces.append("\n\n")
        elif not self._pieces:
            self.first_heading = other.first_heading
        self._pieces.extend(other._pieces)
        self._marks.extend(Mark(mark.start + shift, mark.location) for mark in other._marks)
        self.length = shift + other.length
        self._path, self._heading, self._tight = other._path, other._heading, False

    def insert(self, loaded: Loaded) -> None:
        """Add what another loader read, below the current headings. Its pages stay; its lines are not of this file."""
        text = loaded.text.lstrip()
        shift = self.length + (2 if self._pieces else 0) - (len(loaded.text) - len(text))
        self.end()
        self.add(text)
        for mark in loaded.marks:
            heading = (*self._heading, *mark.location.heading)
            location = replace(mark.location, line=None, heading=heading)
            self._marks.append(Mark(max(mark.start + shift, self._marks[-1].start), location))

    def end(self) -> None:
        """Separate the next block by an empty line, even if both are tight."""
        self._tight = False

    def loaded(
        self, title: str = "", metadata: Mapping[str, Scalar] | None = None, notices: tuple[str, ...] = ()
    ) -> Loaded:
        """All blocks as one text. If `title` is empty, the title is the heading that the text begins with."""
        title = one_line(title) or self.first_heading
        text = "".join(self._pieces)
        return Loaded(text, title=title, marks=tuple(self._marks), metadata=metadata or {}, notices=notices)


def description(text: str) -> str:
    """What a model says of a picture, as a block. Readers of the plain text are told whose words these are."""
    return f"Picture, described by a model: {one_line(text)}"


def one_line(text: str) -> str:
    """The text with any white space as single spaces."""
    return " ".join(text.split())


def markdown_table(rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table whose first row is the header. Empty columns are left out; a single column becomes lines."""
    cells = [[one_line(cell) for cell in row] for row in rows]
    cells = [row for row in cells if any(row)]
    width = max((len(row) for row in cells), default=0)
    cells = [row + [""] * (width - len(row)) for row in cells]
    used = [column for column in range(width) if any(row[column] for row in cells)]
    if len(used) == 1:
        return "\n".join(row[used[0]] for row in cells)
    lines = [table_row(row[column] for column in used) for row in cells]
    if len(lines) > 1:
        lines.insert(1, "|" + " --- |" * len(used))
    return "\n".join(lines)


def facts(**found: str | None) -> dict[str, Scalar]:
    """Metadata: the named values that are not empty, each on one line."""
    return {name: one_line(value) for name, value in found.items() if value and value.strip()}


def heading_marks(found: Iterable[tuple[int, int, str]]) -> tuple[Mark, ...]:
    """For unchanged text: (offset, level, title) of its headings -> marks with the path of each."""
    path: list[tuple[int, str]] = []
    marks = []
    for start, level, title in found:
        path = [step for step in path if step[0] < level]
        path.append((level, one_line(title)))
        marks.append(Mark(start, Location(heading=tuple(step for _, step in path))))
    return tuple(marks)


def text_lines(text: str) -> list[tuple[int, str]]:
    """(offset, line without its end) of all lines; \\n, \\r\\n and a lone \\r end one."""
    lines = []
    start = 0
    for found in re.finditer(r"\r\n|\n|\r", text):
        lines.append((start, text[start : found.start()]))
        start = found.end()
    lines.append((start, text[start:]))
    return lines
