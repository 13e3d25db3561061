"""Sentences as spans: a partition of the text, so that no character is ever dropped."""

from __future__ import annotations

from .types import Span


def sentence_spans(text: str, language: str = "en") -> list[Span]:
    """Cut `text` at sentence boundaries, list items, table rows and blank lines.

    The spans are contiguous and cover the text; white space belongs to the sentence before it (or to the
    first one, where the text begins with it).
    """
    import sentencex

    spans: list[Span] = []
    start = 0
    for piece in sentencex.segment(language, text):
        end = start + len(piece)
        for row_end in _row_ends(text, start, end):
            if spans and text[start:row_end].isspace():
                spans[-1] = Span(spans[-1].start, row_end)
            elif spans and text[spans[-1].start : spans[-1].end].isspace():
                spans[-1] = Span(spans[-1].start, row_end)
            else:
                spans.append(Span(start, row_end))
            start = row_end
    return spans


def _row_ends(text: str, start: int, end: int) -> list[int]:
    """Where the rows of a table inside one piece end: each row states facts of its own."""
    ends = []
    at = text.find("\n|", start, end)
    while at != -1:
        ends.append(at + 1)
        at = text.find("\n|", at + 1, end)
    return [*ends, end]


def strip_span(text: str, span: Span) -> Span:
    """The span without the white space at both its ends."""
    inside = text[span.start : span.end]
    start = span.start + len(inside) - len(inside.lstrip())
    return Span(start, max(start, span.start + len(inside.rstrip())))
