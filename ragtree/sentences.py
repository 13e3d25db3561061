"""Sentences as spans: a partition of the text, so that no character is ever dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from .types import Span

_BLANK_LINE = re.compile(r"\n[ \t\r\f\v]*\n\s*")
_TABLE_ROW = re.compile(r"\n(?=[ \t]*\|)")


def sentence_spans(text: str, language: str = "en") -> list[Span]:
    """Cut `text` at blank lines, sentence boundaries, list items and table rows.

    The spans are contiguous and cover the text; white space belongs to the sentence before it (or to the
    first one, where the text begins with it). `language` is a code such as `de`.
    """
    cuts: list[int] = []
    begin = 0
    for match in _BLANK_LINE.finditer(text):
        cuts.extend(_cuts(text, begin, match.end(), language))
        begin = match.end()
    cuts.extend(_cuts(text, begin, len(text), language))
    spans: list[Span] = []
    for start, end in pairwise([0, *cuts, len(text)]):
        if start == end:
            continue
        if spans and (text[start:end].isspace() or spans[-1].of(text).isspace()):
            spans[-1] = Span(spans[-1].start, end)
        else:
            spans.append(Span(start, end))
    return spans


def _cuts(text: str, begin: int, end: int, language: str) -> Iterator[int]:
    """Where the sentences of one paragraph end.

    The segmenter's pieces are found again in the text instead of adding up their lengths: it leaves
    characters out at some paragraph breaks, and one of those would shift every span behind it.
    """
    import sentencex

    at = begin
    for piece in sentencex.segment(language, text[begin:end]):
        found = text.find(piece, at, end)
        if found == -1:
            continue
        if found > begin:
            yield found
        at = found + len(piece)
        yield from (match.end() for match in _TABLE_ROW.finditer(text, found, at))
    yield end


def strip_span(text: str, span: Span) -> Span:
    """The span without the white space at both its ends."""
    inside = text[span.start : span.end]
    start = span.start + len(inside) - len(inside.lstrip())
    return Span(start, max(start, span.start + len(inside.rstrip())))
