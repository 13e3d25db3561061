"""Finds the sentences that a person would ask about: prose that can be read alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from ...text.scripts import HAN, HANGUL, KANA
from ...text.sentences import sentence_spans, strip_span
from ...types import Span
from .base import Reason

_ITEM = re.compile(r"\n(?=[ \t]*(?:#{1,6}\s|[-*•>]\s|\d+[.)]\s|\d+(?:\.\d+)+\.?\s+[^\W\d_a-z]))")
"""Where a numbered paragraph, a list item or a heading begins in the middle of what looks like one sentence."""
_BLANK_LINE = re.compile(r"\n[ \t\r\f\v]*\n")
_NOT_PROSE = re.compile(r"\A(?:#{1,6}\s|```|<)|\||[=_*~-]{4,}|\t.*\t|https?://", re.DOTALL)
_ENDED = re.compile(r"[.!?…。！？।]['\"”’»)\]*_）」』]*\Z")
_BEFORE = re.compile(r"\A[^\w]*(?:\d+(?:\.\d+)*[.)]\s+|\d+(?:\.\d+)+\s+)?[^\w]*")
"""What may stand before the first word: quotation marks, emphasis, a list's number."""
_WIDE = re.compile(f"[{KANA}{HAN}{HANGUL}]")
_WIDE_COUNTS = 3
"""One Japanese, Chinese or Korean character counts as this many Latin letters."""
_SHORTEST, _LONGEST = 40, 320
"""Characters without white space: about 9 and 65 words."""
_LEAST_LETTERS = 0.7
"""Least share of letters in a sentence, counting the vowel signs of Hindi and others as letters."""
_WRAPPED = 0.6
"""A line shorter than this share of the longest was not wrapped there: it is a heading, a verse or an address."""

_PRONOUNS = frozenset(
    "he she it they his her its their er sie es seine ihr ihre il elle ils elles él ella ellos ellas".split()
)
_LEANING = _PRONOUNS | frozenset(
    "him them hers theirs this that these those such there here then so but and or nor yet also however therefore thus "
    "hence instead otherwise neither both either another which who whom whose same "
    "dies diese dieser dieses diesen diesem das sein aber und oder denn dann auch dort da hier jedoch deshalb dabei "
    "damit dazu ce cette ces cela mais et ou donc esto esta este estos estas pero y".split()
)
_LEANING_BEGIN = re.compile("これ|それ|あれ|この|その|あの|ここ|そこ|しかし|また|そして|彼|他|她|它|这|那|但")
_PRONOUN_BEGIN = re.compile("これは|それは|彼|她|它")


def sentences(text: str, language: str) -> Iterator[tuple[Span, bool]]:
    """Yield every sentence without the white space around it, and whether its paragraph ends with it."""
    for piece in _pieces(text, language):
        span = strip_span(text, piece)
        if span.end > span.start:
            yield span, bool(_BLANK_LINE.search(text, span.end, piece.end))


def _pieces(text: str, language: str) -> Iterator[Span]:
    """Yield sentences with the white space after them, cut at the items of a list that has no blank lines."""
    for span in sentence_spans(text, language):
        start = span.start
        for match in _ITEM.finditer(text, span.start, span.end):
            yield Span(start, match.end())
            start = match.end()
        yield Span(start, span.end)


def unfit(text: str, span: Span) -> Reason | None:
    """Why a person would not ask about the sentence of `text` at `span`, or None."""
    sentence = span.of(text)
    tight = "".join(sentence.split())
    size = len(tight) + (_WIDE_COUNTS - 1) * len(_WIDE.findall(tight))
    if _NOT_PROSE.search(sentence) or not _ENDED.search(sentence) or not _is_of_letters(tight):
        return Reason.PROSE
    begin = _BEFORE.sub("", sentence, count=1)
    if begin[:1].islower() or sentence.isupper() or not _is_wrapped(text, span):
        return Reason.PROSE
    if not _SHORTEST <= size <= _LONGEST:
        return Reason.LENGTH
    return Reason.LEANING if _first(begin) in _LEANING or _LEANING_BEGIN.match(begin) else None


def _is_of_letters(tight: str) -> bool:
    least = _LEAST_LETTERS * len(tight)
    letters = sum(map(str.isalpha, tight))
    return letters >= least or letters + sum(unicodedata.category(one)[0] == "M" for one in tight) >= least


def goes_on(sentence: str) -> bool:
    """True if a sentence begins with a pronoun for what the one before is about: "She weighs nine pounds"."""
    begin = _BEFORE.sub("", sentence, count=1)
    return _first(begin) in _PRONOUNS or bool(_PRONOUN_BEGIN.match(begin))


def _first(sentence: str) -> str:
    return re.split(r"[\s,;:.]", sentence, maxsplit=1)[0].casefold()


def _is_wrapped(text: str, span: Span) -> bool:
    """True if all line ends inside the sentence come from wrapping at the margin."""
    if "\n" not in span.of(text):
        return True
    start = text.rfind("\n", 0, span.start) + 1
    lines = [len(line.rstrip()) for line in text[start : span.end].split("\n")]
    return min(lines[:-1]) >= _WRAPPED * max(lines)
