"""A document's text in the parts that a page shows: headings, lists, tables and paragraphs, with a quote marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, TypeAlias

from ...types import Document, Span

Kind: TypeAlias = Literal["heading", "list", "table", "text"]
Piece: TypeAlias = tuple[str, bool]
"""Text, and whether it is marked."""

_HEADING = re.compile(r"(#{1,6})[ \t]+(?=\S)")
_LIST = re.compile(r"\s*(?:[-*•]|\d{1,3}[.)])\s+\S")
_RULE = re.compile(r"\|?[\s:|-]*-[\s:|-]*\|?")
_BAR = re.compile(r"(?<!\\)\|")
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A part of a text."""

    kind: Kind
    start: int
    """Where it begins in the document."""
    level: int = 0
    """Of a heading, from 1."""
    pieces: tuple[Piece, ...] = ()
    rows: tuple[tuple[tuple[Piece, ...], ...], ...] = ()
    """Of a table, its cells."""


@dataclass(frozen=True, slots=True)
class _Line:
    span: Span
    kind: Kind | Literal["empty"]
    level: int = 0


def paragraphs(document: Document, shown: Span, marked: Span | None = None) -> list[Paragraph]:
    """The parts of `shown`, which begins and ends with whole lines; `marked` is what is to be seen in it."""
    found = []
    for _, group in groupby(_lines(document, shown), key=lambda line: (line.kind, line.level)):
        part = list(group)
        if part[0].kind == "empty":
            continue
        found.append(_paragraph(document.text, part, marked))
    return found


def _paragraph(text: str, lines: list[_Line], marked: Span | None) -> Paragraph:
    span, kind = Span(lines[0].span.start, lines[-1].span.end), lines[0].kind
    assert kind != "empty"
    if kind != "table":
        return Paragraph(kind, span.start, lines[0].level, tuple(_pieces(text, span, marked)))
    rows = [line.span for line in lines if not _RULE.fullmatch(line.span.of(text).strip())]
    return Paragraph(kind, span.start, rows=tuple(tuple(_cells(text, row, marked)) for row in rows))


def _lines(document: Document, shown: Span) -> Iterator[_Line]:
    text, start = document.text, shown.start
    headings = {mark.start: mark.location.heading for mark in document.marks if mark.location.heading}
    while start < shown.end:
        end = text.find("\n", start, shown.end)
        end = shown.end if end < 0 else end
        yield _line(text, Span(start, end), headings.get(start))
        start = end + 1


def _line(text: str, span: Span, heading: tuple[str, ...] | None) -> _Line:
    said = span.of(text)
    sign = _HEADING.match(said)
    if sign is not None:
        return _Line(Span(span.start + sign.end(), span.end), "heading", len(sign[1]))
    if heading is not None and " ".join(said.split()) == " ".join(heading[-1].split()):
        return _Line(span, "heading", min(len(heading), _DEEPEST))
    if not said.strip():
        return _Line(span, "empty")
    if said.lstrip().startswith("|") and said.count("|") > 1:
        return _Line(span, "table")
    return _Line(span, "list" if _LIST.match(said) else "text")


def _cells(text: str, row: Span, marked: Span | None) -> Iterator[tuple[Piece, ...]]:
    inside = _trimmed(text, row)
    inside = Span(inside.start + 1, inside.end - (text[inside.end - 1] == "|" and inside.end - inside.start > 1))
    bars = [found.start() for found in _BAR.finditer(text, inside.start, inside.end)]
    for start, end in zip([inside.start, *(bar + 1 for bar in bars)], [*bars, inside.end], strict=True):
        yield tuple(_pieces(text, _trimmed(text, Span(start, end)), marked))


def _trimmed(text: str, span: Span) -> Span:
    said = span.of(text)
    start = span.start + len(said) - len(said.lstrip())
    return Span(start, max(start, span.end - len(said) + len(said.rstrip())))


def _pieces(text: str, span: Span, marked: Span | None) -> Iterator[Piece]:
    inside = Span(0, 0) if marked is None else Span(max(span.start, marked.start), min(span.end, marked.end))
    if inside.start >= inside.end:
        yield span.of(text), False
        return
    for part, is_marked in (
        (Span(span.start, inside.start), False),
        (inside, True),
        (Span(inside.end, span.end), False),
    ):
        if part.end > part.start:
            yield part.of(text), is_marked
