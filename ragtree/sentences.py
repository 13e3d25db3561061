"""Sentences as spans: a partition of the text, so that no character is ever dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from .types import Span

_BLANK_LINE = re.compile(r"\n[ \t\r\f\v]*\n\s*")
_TABLE_ROW = re.compile(r"\n(?=[ \t]*\|)")
_LONGEST_ABBREVIATION = 4
_WINDOW = 20_000
"""Characters given to the segmenter at once: its time grows with their square (16 s for 300,000 of Japanese)."""


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
    goes_on = True
    while at < end:
        stop = min(at + _WINDOW, end)
        pieces = list(sentencex.segment(language, text[at:stop]))
        last = text.rfind(pieces[-1], at, stop) if stop < end and len(pieces) > 1 else -1
        if last > at:  # the window may have cut its last sentence: the next one begins with it
            stop = last
            pieces.pop()
        for piece in pieces:
            found = text.find(piece, at, stop)
            if found == -1:
                continue
            if not goes_on and not _is_abbreviation(text, begin, found):
                yield found
            goes_on = False
            at = found + len(piece)
            yield from (match.end() for match in _TABLE_ROW.finditer(text, found, at))
        goes_on = stop < end and last == -1
        at = stop
    yield end


def _is_abbreviation(text: str, begin: int, cut: int) -> bool:
    """True where the full stop before `cut` is a short word's and no sentence begins after it: "8s. and", "7s. 9d."."""
    if not (text[cut].islower() or text[cut].isdigit()):
        return False
    word = text[begin:cut].split()[-1:]
    return bool(word) and word[0].endswith(".") and (len(word[0]) <= _LONGEST_ABBREVIATION or word[0][0].isdigit())


def strip_span(text: str, span: Span) -> Span:
    """The span without the white space at both its ends."""
    inside = text[span.start : span.end]
    start = span.start + len(inside) - len(inside.lstrip())
    return Span(start, max(start, span.start + len(inside.rstrip())))
