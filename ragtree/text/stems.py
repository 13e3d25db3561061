"""The terms of a text as the lexical index keeps them, and those of a question.

Words are stemmed by the rules of their language. Scripts without spaces between words, and Korean, whose words run
together, become pairs of characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from .folding import fold, without_accents
from .scripts import HANGUL, UNSPACED
from .terms import LETTER

if TYPE_CHECKING:
    from tantivy import TextAnalyzer

_STEMMERS = {
    **{"ar": "arabic", "da": "danish", "nl": "dutch", "en": "english", "fi": "finnish", "fr": "french"},
    **{"de": "german", "el": "greek", "hu": "hungarian", "it": "italian", "no": "norwegian", "pt": "portuguese"},
    **{"ro": "romanian", "ru": "russian", "es": "spanish", "sv": "swedish", "ta": "tamil", "tr": "turkish"},
}
STEMMED = tuple(_STEMMERS)
"""Languages whose words are stemmed."""
_PAIRED = f"{UNSPACED}{HANGUL}"
"""An index keeps what was cut with these: with other ranges it would have to be built anew."""
_RUN = re.compile(rf"(?P<paired>[{_PAIRED}]+)|(?:(?![{_PAIRED}])(?:{LETTER}|\d))+")
_JOINED = re.compile(r"(?<=\w)'s\b|\b\w{1,2}'(?=\w)")
"""What an apostrophe joins to a word and is no word itself: the keeper's, l'assurance."""
_LONGEST = 60
"""Characters of a word that are kept: anything longer is data."""


def index_terms(text: str, language: str) -> list[str]:
    """The terms of a text in that language, in no particular order."""
    words, pairs = _split(text)
    return [*_stemmed(words, language), *pairs]


def query_terms(text: str, languages: Iterable[str]) -> list[tuple[str, ...]]:
    """For each word of a question, the terms that it may be indexed under: one for each way to stem it."""
    words, pairs = _split(text)
    ways = [_stemmed(words, language) for language in languages]
    return list(dict.fromkeys([*(tuple(dict.fromkeys(forms)) for forms in zip(*ways, strict=True)), *zip(pairs)]))


def _split(text: str) -> tuple[list[str], list[str]]:
    """Words in lower case, and pairs of characters."""
    words: list[str] = []
    pairs: list[str] = []
    for match in _RUN.finditer(_JOINED.sub(" ", fold(text, case=True))):
        if match["paired"]:
            pairs.extend(_pairs(match[0]))
        elif any(map(str.isalnum, match[0])):  # an accent that stands alone is no word
            words.append(match[0][:_LONGEST])
    return words, pairs


def _pairs(run: str) -> Iterator[str]:
    yield from (run[at : at + 2] for at in range(max(1, len(run) - 1)))


def _stemmed(words: list[str], language: str) -> list[str]:
    """The stems of the words, one for each, without accents, because people leave accents out in questions."""
    stemmer = _stemmer(language)
    stems = stemmer.analyze(" ".join(words)) if stemmer is not None and words else words
    # "̈s" is an accent and an ending.
    return [without_accents(stem) or without_accents(word) or word for stem, word in zip(stems, words, strict=True)]


@cache
def _stemmer(language: str) -> TextAnalyzer | None:
    if language not in _STEMMERS:
        return None
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    return TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.stemmer(_STEMMERS[language])).build()
