"""A quote of a PDF's text -> what has to be looked for on which of its pages."""

from __future__ import annotations

from dataclasses import dataclass

from ...types import Block, Box, Document, Span


@dataclass(frozen=True, slots=True)
class Wanted:
    """Text that stands on a page, and the box of the block that holds it."""

    page: int
    text: str
    box: Box | None = None


def wanted_on_pages(document: Document, span: Span) -> list[Wanted]:
    """The parts of the quote, block by block; those of a table or a comment may not be found as they stand here."""
    found = [_part(document, block, span) for block in document.blocks if block.span.overlap(span) > 0]
    if found:
        return found
    page = document.locate(span).page
    return [] if page is None or span.start == span.end else [Wanted(page, span.of(document.text))]


def _part(document: Document, block: Block, span: Span) -> Wanted:
    part = Span(max(block.span.start, span.start), min(block.span.end, span.end))
    return Wanted(block.page, part.of(document.text), block.box)
