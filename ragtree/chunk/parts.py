"""The parts of a text by its own markup: sections under headings, tables, code blocks, paragraphs."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

from ..types import Document, Span

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ATX = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t#]*$")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)\s*$")
_NOT_MARKDOWN = frozenset(
    ".py .pyi .sh .bash .r .rb .pl .jl .yaml .yml .toml .ini .cfg .conf .log .csv .tsv .c .h".split()
)
"""Suffixes of files in which # does not begin a heading."""

Kind = Literal["heading", "table", "code", "text"]


class HeadingSection(NamedTuple):
    """The text from character `start` on is under these headings, outermost first."""

    start: int
    path: tuple[str, ...]


class MarkupPart(NamedTuple):
    """A stretch of text that belongs together. White space after it belongs to it."""

    span: Span
    kind: Kind


def sections_of(document: Document) -> list[HeadingSection]:
    """The sections in reading order: those that the loader marked, else those of Markdown's # lines."""
    if any(mark.location.heading for mark in document.marks):
        found = [HeadingSection(mark.start, mark.location.heading) for mark in document.marks]
    elif PurePosixPath(document.source).suffix.lower() in _NOT_MARKDOWN:
        found = []
    else:
        found = list(_atx_sections(document.text))
    sections = [HeadingSection(0, ())] if not found or found[0].start > 0 else []
    for section in found:  # a loader may mark every paragraph or page of a section
        if not sections or section.path != sections[-1].path:
            sections.append(section)
    return sections


def path_at(sections: Sequence[HeadingSection], at: int) -> tuple[str, ...]:
    """The headings above character `at`."""
    index = bisect_right(sections, at, key=lambda section: section.start) - 1
    return sections[index].path if index >= 0 else ()


def parts_of(text: str, sections: Sequence[HeadingSection]) -> list[MarkupPart]:
    """Contiguous parts that cover the text; none goes beyond the end of its section."""
    paths = {section.start: section.path for section in sections}
    scan = _Scan()
    for line in _lines(text, paths):
        scan.take(line, line.of(text), paths.get(line.start, ()))
    return scan.parts


class _Scan:
    """The parts so far, and whether the next line may extend the last one."""

    def __init__(self) -> None:
        self.parts: list[MarkupPart] = []
        self._fence = ""
        """The fence that closes the open code block; empty if none is open."""
        self._ended = True
        """True if the last part cannot grow any more."""

    def take(self, line: Span, text: str, path: tuple[str, ...]) -> None:
        """Add the next line. `path` has the headings above it if it begins a section, else ()."""
        words = text.strip()
        mark = _FENCE.match(text)
        if words and path:
            self._fence = ""
            self._begin(line, "heading" if _is_heading(words, path[-1]) else "text")
            self._ended = self.parts[-1].kind == "heading"
        elif self._fence:
            self._extend(line)
            if mark and words.startswith(self._fence) and not words.strip(self._fence[0]):
                self._fence, self._ended = "", True
        elif not words:
            self._extend(line)
            self._ended = True
        elif self.parts and self.parts[-1].kind == "heading" and _UNDERLINE.match(text):
            self._extend(line)
        elif mark:
            self._begin(line, "code")
            self._fence = mark.group(1)
        else:
            self._grow(line, "table" if words.startswith("|") else "text")

    def _grow(self, line: Span, kind: Kind) -> None:
        if self._ended or self.parts[-1].kind != kind:
            self._begin(line, kind)
        else:
            self._extend(line)

    def _begin(self, line: Span, kind: Kind) -> None:
        self.parts.append(MarkupPart(line, kind))
        self._ended = False

    def _extend(self, line: Span) -> None:
        if self.parts:
            last = self.parts.pop()
            self.parts.append(MarkupPart(Span(last.span.start, line.end), last.kind))
        else:
            self.parts.append(MarkupPart(line, "text"))


def table_header(text: str, table: Span) -> Span:
    """The first row of a table."""
    return Span(table.start, min(table.end, (text.find("\n", table.start) + 1) or table.end))


def _lines(text: str, starts: Iterable[int]) -> Iterator[Span]:
    """The lines with their line ends, also cut where a section begins within one."""
    ends = {match.end() for match in re.finditer(r"\n", text)}
    bounds = sorted({0, len(text)} | ends | {start for start in starts if start < len(text)})
    return (Span(start, end) for start, end in pairwise(bounds))


def _is_heading(line: str, title: str) -> bool:
    """True for the heading's own line; a loader may leave it out, or mark the text below it."""
    return line.strip("#* \t").startswith(title[:40])


def _atx_sections(text: str) -> Iterator[HeadingSection]:
    path: list[tuple[int, str]] = []
    fence = ""
    for line in _lines(text, ()):
        inside = line.of(text).rstrip("\r\n")
        mark = _FENCE.match(inside)
        if mark and not fence:
            fence = mark.group(1)
        elif mark and inside.strip().startswith(fence) and not inside.strip().strip(fence[0]):
            fence = ""
        found = None if fence else _ATX.match(inside)
        if found and found.group(2):
            level = len(found.group(1))
            path = [*((other, title) for other, title in path if other < level), (level, found.group(2))]
            yield HeadingSection(line.start, tuple(title for _, title in path))
