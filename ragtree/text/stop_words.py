"""The words of a language that every text has."""

from __future__ import annotations

from functools import lru_cache

from .folding import fold, without_accents

_WITH_MEANING = frozenset(
    "computer hell hello help invention information member members microsoft netscape order orders problem problems "
    "research room rooms state states system website wells work works world young".split()
)
"""English words that lists of stop words contain, but that a person would look for in a table of contents."""


@lru_cache(maxsize=64)
def stop_words(language: str) -> frozenset[str]:
    """The stop words of a language, in lower case, with and without their accents; none if there is no list of them."""
    import stopwordsiso

    words = frozenset(fold(word, case=True) for word in stopwordsiso.stopwords(language))
    words |= frozenset(without_accents(word) for word in words) - {""}
    return words - _WITH_MEANING if language == "en" else words
