"""Folding: the normalized form in which text is compared. What is shown, stored and quoted is never folded."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from ..types import Span

_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff"
)
"""Unicode's default ignorable characters: soft hyphens, zero-width characters, direction marks, variation selectors."""
_NOT_SHOWN = re.compile(f"[{_INVISIBLE}]")
_RAISED = "²³¹¼-¾\u2070-\u209c\u2150-\u215f\u2189"
"""Digits that must not be folded to ordinary ones: 10² is not 102, and 3½ is not 31/2."""
_ON_THE_LINE = re.compile(f"[^{_RAISED}]+")
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′ʼʹ´＇", "'"),
        **dict.fromkeys("“”„‟″«»＂", '"'),
        **dict.fromkeys("‐‑‒−⁃﹣－", "-"),
    }
)
_DASH_IN_A_WORD = re.compile(r"(?<=\w)–(?=\w)")
_FIGURE = re.compile(r"[^\D0-9]")
_DOTLESS = str.maketrans({"ı": "i"})
_DOTTED = "i\u0307"
_ACCENTS = re.compile("[\u0300-\u036f]")
_JOINS = re.compile(rf"[{_INVISIBLE}\u1160-\u11ff\uff9e\uff9f]")
"""Characters other than marks that combine with the one before: Hangul vowels, halfwidth katakana sound marks."""
_Form: TypeAlias = Literal["NFC", "NFD", "NFKC"]
_MOST_MARKS = 120
"""This many marks or more in a row are a crowd, which is normalized in pieces of this size. UAX #15 (stream-safe text)
allows 30; other characters are counted here as well."""
_CROWD = re.compile(rf"[^\w\s\x00-\x7f]{{{_MOST_MARKS},}}")
_RUN = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]+")


def fold(text: str, *, case: bool = False) -> str:
    """The normalized form of the text. All of ragtree's comparisons, matches and support checks use it:

    - composed and decomposed letters (NFC, NFD) are the same, and so are compatible ones: ligatures, full-width and
      half-width forms, presentation forms, mathematical letters. Superscripts, subscripts and fractions stay: 10² is
      not 102;
    - invisible characters are removed: soft hyphens, zero-width spaces and joiners, byte order marks, direction marks,
      variation selectors;
    - every kind of space within a line becomes a plain one;
    - typographic quotes, primes and apostrophes become ' and "; hyphens, the minus and a dash inside a word become -;
    - the decimal digits of all scripts become 0 to 9;
    - with `case`, case is folded: ß becomes ss, and the dotted and the dotless Turkish i are the same.

    Line breaks, accents and the order of words stay.
    """
    if text.isascii():
        return text.lower() if case else text
    folded = _NOT_SHOWN.sub("", text).translate(_SIGNS)
    folded = _ON_THE_LINE.sub(lambda part: _normal("NFKC", part[0]), folded)
    if case:
        folded = _normal("NFD", folded.casefold()).replace(_DOTTED, "i").translate(_DOTLESS)
        folded = _normal("NFC", folded)
    folded = _FIGURE.sub(lambda figure: str(unicodedata.decimal(figure[0])), folded.translate(_SIGNS))
    return _DASH_IN_A_WORD.sub("-", folded)


def without_accents(text: str) -> str:
    """A folded text, without the accents of Latin, Greek and Cyrillic letters."""
    if text.isascii():
        return text
    return _normal("NFC", _ACCENTS.sub("", _normal("NFD", text)))


def _normal(form: _Form, text: str) -> str:
    """The text in a normal form. Sorting marks takes time with the square of their number, so a crowd of them, which no
    language has, is normalized a few at a time."""
    at, parts = 0, []
    for crowd in _CROWD.finditer(text):
        parts.append(unicodedata.normalize(form, text[at : crowd.start()]))
        few = range(crowd.start(), crowd.end(), _MOST_MARKS)
        parts += [unicodedata.normalize(form, text[start : min(start + _MOST_MARKS, crowd.end())]) for start in few]
        at = crowd.end()
    return "".join([*parts, unicodedata.normalize(form, text[at:])]) if parts else unicodedata.normalize(form, text)


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text, and the position of each of its characters in the original."""

    text: str
    starts: tuple[int, ...] = ()
    """For each character, the position where its piece of the original begins; then, last, the original's length. Empty
    if all characters are at the same positions as in the original."""

    def span(self, start: int, end: int) -> Span:
        """The span of the original from which [start, end) was made."""
        if not self.starts:
            return Span(start, end)
        last = self.starts[max(start, end - 1)]
        after = bisect_right(self.starts, last, key=int)
        return Span(self.starts[start], self.starts[min(after, len(self.starts) - 1)] if end > start else last)


def folded(text: str, *, case: bool = False) -> Folded:
    """Fold the text as `fold` does, and keep the positions, so that matches can be shown as in the original."""
    plain = fold(text, case=case)
    if text.isascii() or plain == text:
        return Folded(plain)
    pieces: list[str] = []
    starts: list[int] = []
    for start, piece in _pieces(text):
        if piece.isascii():
            pieces.append(fold(piece, case=case))
            starts += range(start, start + len(piece))
        else:
            made = _folded_piece(piece, case)
            pieces.append(made)
            starts += [start] * len(made)
    return Folded(_DASH_IN_A_WORD.sub("-", "".join(pieces)), (*starts, len(text)))


@lru_cache(maxsize=8192)
def _folded_piece(piece: str, case: bool) -> str:
    return fold(piece, case=case)


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """The pieces of the text that can be folded separately: runs of ASCII, and characters with their marks."""
    held, begin = "", 0
    for run in _RUN.finditer(text):
        if run[0].isascii():
            if held:
                yield begin, held
            held, begin = run[0], run.start()
            continue
        for place, sign in enumerate(run[0], start=run.start()):
            if held and _belongs(sign):
                if len(held) > 1 and held.isascii():
                    yield begin, held[:-1]
                    held, begin = held[-1], place - 1
                held += sign
                continue
            if held:
                yield begin, held
            held, begin = sign, place
    if held:
        yield begin, held


def _belongs(sign: str) -> bool:
    return unicodedata.category(sign)[0] == "M" or _JOINS.match(sign) is not None
