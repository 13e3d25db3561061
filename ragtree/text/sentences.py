"""Sentences as spans: a partition of the text, so that no character is ever dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from ..types import Span
from .languages import AUTO, language_of
from .scripts import THAI

_BLANK_LINE = re.compile(r"\n[ \t\r\f\v]*\n\s*")
_OWN_LINE = re.compile(r"\n(?=[ \t]*\||#{1,6}[ \t])|^#{1,6}[ \t].*\n", re.MULTILINE)
"""Before a row of a table, and around a heading that no blank line sets apart."""
_THAI = re.compile(f"[{THAI}]")
_THAI_GAP = re.compile(r"(?<=[\u0e01-\u0e45\u0e47-\u0e4e])[ \u00a0]+(?=[\u0e01-\u0e45\u0e47-\u0e4e])")
"""Thai has no full stops: a space ends a sentence or a clause. Around numbers, names and the sign of repetition it
does not."""
_SHORTEST_THAI = 60
"""With fewer characters, what stands between two spaces is an item of a list and not a clause."""
_LONGEST_ABBREVIATION = 4
_ORDINAL = re.compile(r"\d{1,3}\.")
_BEFORE_AN_ORDINAL = {
    "de": frozenset("der die das dem den des im am vom zum zur beim ins ab seit bis und oder jeder jedes jeden".split())
}
"""Words after which a number with a full stop is an ordinal: der 1. FC, zum 3. Mal."""
_ABBREVIATIONS = {
    "ru": frozenset("дж. им. млн. млрд. трлн. тыс. ст. св. акад. проф. гг. вв. см. напр. род. ум.".split())
}
"""Abbreviations that the segmenter's own lists lack."""
_WINDOW = 20_000
"""Characters given to the segmenter at once: its time grows with their square (16 s for 300,000 of Japanese)."""


def sentence_spans(text: str, language: str = AUTO) -> list[Span]:
    """Cut `text` at blank lines, sentence boundaries, list items, table rows and headings.

    The spans are contiguous and cover the text; white space belongs to the sentence before it (or to the
    first one, if the text begins with it). `language` is a code such as `de`, or `auto` to have it detected.
    """
    language = language_of(text, language)
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
    """Yield the ends of the sentences of one paragraph.

    The segmenter's pieces are searched for in the text instead of adding up their lengths: it leaves
    characters out at some paragraph breaks, and one of those would shift every span after it.
    """
    import sentencex

    at = begin
    goes_on = True
    while at < end:
        stop = min(at + _WINDOW, end)
        pieces = list(sentencex.segment(language, text[at:stop]))
        last = text.rfind(pieces[-1], at, stop) if stop < end and len(pieces) > 1 else -1
        if last > at:  # the window may have cut its last sentence: the next window begins with it
            stop = last
            pieces.pop()
        for piece in pieces:
            found = text.find(piece, at, stop)
            if found == -1:
                continue
            if not goes_on and not _is_abbreviation(text, begin, found, language):
                yield found
            goes_on = False
            at = found + len(piece)
            yield from (match.end() for match in _OWN_LINE.finditer(text, found, at))
            yield from _thai_clauses(text, found, at)
        goes_on = stop < end and last == -1
        at = stop
    yield end


def _thai_clauses(text: str, start: int, end: int) -> Iterator[int]:
    """Yield the ends of the clauses of a Thai sentence; nothing in any other script."""
    for match in _THAI_GAP.finditer(text, start, end):
        if match.start() - start >= _SHORTEST_THAI:
            yield match.end()
            start = match.end()


def _is_abbreviation(text: str, begin: int, cut: int, language: str) -> bool:
    """True if the full stop before `cut` belongs to an abbreviation, and no sentence ends there: "8s. and", "7s. 9d.".

    Also true for that of an ordinal number, in languages that write one: "der 1. FC".
    """
    words = text[max(begin, cut - 80) : cut].split()[-2:]
    if not words or not words[-1].endswith("."):
        return False
    if language == "th" and _THAI.match(words[-1][-2:]):
        return True  # Thai has full stops only in abbreviations
    if language != "en" and len(words[-1]) == 2 and words[-1][0].isupper():
        return True  # an initial: the segmenter knows those of English
    if words[-1].lower() in _ABBREVIATIONS.get(language, ()):
        return True
    before = _BEFORE_AN_ORDINAL.get(language)
    if before and len(words) == 2 and _ORDINAL.fullmatch(words[1]) and words[0].lower() in before:
        return True
    if not (text[cut].islower() or text[cut].isdigit()):
        return False
    return len(words[-1]) <= _LONGEST_ABBREVIATION or words[-1][0].isdigit()


def strip_span(text: str, span: Span) -> Span:
    """The span without the white space at both its ends."""
    inside = text[span.start : span.end]
    start = span.start + len(inside) - len(inside.lstrip())
    return Span(start, max(start, span.start + len(inside.rstrip())))
