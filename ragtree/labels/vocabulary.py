"""The words of texts in any script that say what the texts are about, as numbers."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..text.folding import fold
from ..text.languages import AUTO, language_of
from ..text.scripts import HAN, HANGUL, HIRAGANA, KATAKANA_LETTERS, SOUTHEAST_LETTERS
from ..text.stop_words import stop_words
from .unspaced import UnspacedWords

_SIGNS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u0670\u06d6-\u06ed\u0900-\u0963\u0966-\u0dff"
"""Combining vowels and accents, and the scripts of India, which use many of them."""
_LETTER = rf"(?:[^\W\d_{HAN}{KATAKANA_LETTERS}{SOUTHEAST_LETTERS}{HIRAGANA}]|[{_SIGNS}])"
_TOKEN = re.compile(
    rf"(?P<code><[/!]?[a-z][^<>]{{0,200}}>|(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.\w+|[\w.~-]*/[\w.-]+/[\w./-]*)"
    rf"|(?P<katakana>[{KATAKANA_LETTERS}]+)"
    rf"|(?P<run>[{HAN}]+|[{SOUTHEAST_LETTERS}]+)|(?P<word>{_LETTER}(?:{_LETTER}|\d)*(?:['’-](?:{_LETTER}|\d)+)*)"
)
_SHORTEST = 3
_HANGUL = re.compile(f"[{HANGUL}]")
"""Korean characters are syllables, so a word may have only two."""
_LINE = 40
"""A shorter line ends on purpose: its last word and the first one of the next line are not side by side."""
_SLUG = 3
"""A word with this many hyphens is the name of a file or an anchor."""
_SAMPLE = 1500
"""Most texts of a language that its words, or its stop words, are learned from. They are evenly spread."""
_FREQUENT = 0.2
"""In a language without a list of stop words, a word in more than this share of the texts is one."""
_ELIDING = ("fr", "it", "ca")
"""Languages that join an article to a vowel with an apostrophe: l'eau, dell'arte."""


class Vocabulary:
    """Numbers words as they are written, from 1; 0 separates words that are not side by side."""

    def __init__(self, texts: Sequence[str], language: str = AUTO) -> None:
        self.spellings: list[str] = [""]
        self._known: dict[str, dict[str, int]] = {}
        self._number: dict[str, int] = {"": 0}
        self._texts = texts
        self._languages = [language_of(text, language) for text in texts]
        self._prevailing = max(sorted(set(self._languages)), key=self._languages.count, default="en")
        self._unspaced: dict[str, UnspacedWords] = {}
        self._frequent: dict[str, frozenset[str]] = {}

    def numbers(self, place: int) -> array[int]:
        """The numbers of the words of text number `place`, in order; 0 for a stop word."""
        text, language = self._texts[place], self._languages[place]
        known = self._known.setdefault(language, {})
        row = array("q")
        end = 0
        for match in _TOKEN.finditer(text):
            kind = match.lastgroup
            if kind == "word":
                word = match.group()
                number = known.get(word)
                if number is None:
                    number = known[word] = self._number_of(word, language)
                if row and row[-1] and not _side_by_side(text, end, match.start()):
                    row.append(0)
                row.append(number)
            elif kind != "code":
                for word in [match.group()] if kind == "katakana" else self._learned(language).of(match.group()):
                    row.extend((0, self._new(word) if len(word) > 1 else 0, 0))
            end = match.end()
        return row

    def words(self) -> NDArray[np.int64]:
        """For every spelling, the number of its word, from 1. It is the same in any case, and for a plural in s."""
        folded = [fold(spelling, case=True) for spelling in self.spellings]
        there = set(folded)
        keys = [_singular(key, there) for key in folded]
        number = {key: place for place, key in enumerate(dict.fromkeys(keys))}
        return np.array([number[key] for key in keys], dtype=np.int64)

    def _number_of(self, word: str, language: str) -> int:
        plain = fold(word)
        if self._is_empty(plain, language):
            return 0
        plain = plain.removesuffix("'s").removesuffix("'S")
        if language in _ELIDING:
            plain = plain.rpartition("'")[2]
        least = 2 if _HANGUL.match(plain) else _SHORTEST
        if len(plain) < least or plain.count("-") >= _SLUG or self._is_empty(plain, language):
            return 0
        return self._new(plain)

    def _is_empty(self, word: str, language: str) -> bool:
        key = fold(word, case=True)
        if key in stop_words(language) or key in stop_words(self._prevailing):
            return True  # tables and lists are in the prevailing language, but may not be recognized as such
        return not stop_words(language) and key in self._often(language)

    def _new(self, spelling: str) -> int:
        number = self._number.setdefault(spelling, len(self.spellings))
        if number == len(self.spellings):
            self.spellings.append(spelling)
        return number

    def _often(self, language: str) -> frozenset[str]:
        """Words in so many texts of a language that they count as stop words, if there is no list of these."""
        if language not in self._frequent:
            held: Counter[str] = Counter()
            number = 0
            for text in self._of(language):
                number += 1
                held.update({fold(match.group(), case=True) for match in _TOKEN.finditer(text)})
            self._frequent[language] = frozenset(
                word for word, count in held.items() if count > max(2.0, _FREQUENT * number)
            )
        return self._frequent[language]

    def _learned(self, language: str) -> UnspacedWords:
        if language not in self._unspaced:
            runs = (
                [match.group() for match in _TOKEN.finditer(text) if match.lastgroup == "run"]
                for text in self._of(language)
            )
            self._unspaced[language] = UnspacedWords(runs, stop_words(language))
        return self._unspaced[language]

    def _of(self, language: str) -> Iterator[str]:
        """A sample of the texts in a language."""
        own = [text for text, code in zip(self._texts, self._languages, strict=True) if code == language]
        yield from own[:: -(-len(own) // _SAMPLE)] if own else ()


def same_family(one: str, other: str) -> bool:
    """True for words that begin alike, such as `baker` and `bakery`: a label needs only one of them."""
    shorter, longer = sorted((fold(one, case=True), fold(other, case=True)), key=len)
    return longer.startswith(shorter[: max(4, len(shorter) - 2)]) and len(longer) - len(shorter) <= 4


def _side_by_side(text: str, end: int, start: int) -> bool:
    gap = text[end:start]
    if gap == " ":
        return True
    return gap == "\n" and end - text.rfind("\n", 0, end) > _LINE


def _singular(key: str, there: set[str]) -> str:
    """The word without its plural ending if that is in the texts, too: `ties` becomes `tie`, `gas` stays."""
    for ending, instead in (("ies", "y"), ("s", ""), ("es", "")):
        shorter = key.removesuffix(ending) + instead
        if key.endswith(ending) and len(shorter) >= _SHORTEST and shorter in there and shorter != key:
            return shorter
    return key
