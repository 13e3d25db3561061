"""Finds the words of any script, and those that tell one text from another."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from ...grounding import content_words
from ...text.folding import fold
from ...text.scripts import HAN, KANA, KATAKANA_LETTERS, SOUTHEAST

NUMBER = r"[£$€¥]?\d+(?:[.,:/]\d+)*[½¼¾⅓⅔%]?"
_WITHOUT_SPACES = re.compile(f"[{SOUTHEAST}]")
"""Thai, Lao, Burmese and Khmer: the text between two spaces is a clause, whose words cannot be told apart."""
_WHOLE_HAN = 2
"""A single Han character is a word of Chinese and a piece of one in Japanese; it says too little to ask by."""
_LONGEST_HAN = 6
"""A longer run is a whole clause without spaces, not a word."""
_SHORTEST = {"en": 3}
_SHORTEST_ELSEWHERE = 4
"""For English there is a list of common words; in other languages nearly all words of three letters are common."""


class ScriptWord(NamedTuple):
    """A word of a text: what is compared (`key`), its position [start, end), and its script: `number`, `han`,
    `katakana`, or `spaced` for all others."""

    key: str
    start: int
    end: int
    script: str


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    """Vowel signs of Indian and other scripts are marks, which `\\w` leaves out: words would fall apart at them."""
    codes = range(sys.maxunicode + 1)
    marks = "".join(chr(code) for code in codes if unicodedata.category(chr(code)) in ("Mn", "Mc"))
    letter = rf"[^\W\d_{HAN}{KANA}]"
    spaced = rf"{letter}+(?:[{marks}]+{letter}*)*"
    return re.compile(
        rf"(?P<spaced>{spaced}(?:['’-]{spaced})*)|(?P<number>{NUMBER})|(?P<han>[{HAN}]+)|(?P<katakana>[{KATAKANA_LETTERS}]+)"
    )


def words_of(text: str) -> Iterator[ScriptWord]:
    """Yield all words, in order.

    Japanese and Chinese have no spaces, so runs of Han characters and of katakana count as words.
    """
    for match in _pattern().finditer(text):
        yield ScriptWord(_key(match.group()), match.start(), match.end(), match.lastgroup or "")


def telling_words(text: str, language: str) -> Iterator[ScriptWord]:
    """Yield numbers, and words that not every text has, in order."""
    return (word for word in words_of(text) if tells(word.key, word.script, language))


@lru_cache(maxsize=100_000)
def tells(key: str, script: str, language: str) -> bool:
    """False for a word that every text of the language has, or that is no whole word."""
    if script == "number":
        return True
    if script == "han":
        return _WHOLE_HAN <= len(key) <= _LONGEST_HAN
    if script == "katakana":
        return len(key) > 1
    if len(key) < _SHORTEST.get(language[:2], _SHORTEST_ELSEWHERE) or _WITHOUT_SPACES.match(key):
        return False
    return bool(content_words(key))


def has_capital(text: str, word: ScriptWord) -> bool:
    """True for a word of `text` that begins with a capital."""
    return word.script == "spaced" and text[word.start].isupper()


def has_case(key: str) -> bool:
    """True if the script of the word has capitals."""
    return key[0].lower() != key[0].upper()


def is_number(key: str) -> bool:
    """True for the key of a number."""
    return re.fullmatch(NUMBER, key) is not None


def numbers(text: str) -> list[str]:
    """The numbers of a text, in order."""
    return re.findall(NUMBER, text)


@lru_cache(maxsize=100_000)
def _key(word: str) -> str:
    return fold(word, case=True).removesuffix("'s")
