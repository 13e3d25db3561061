"""The words of a language that every text has."""

from __future__ import annotations

from functools import lru_cache

from .folding import fold

_WITH_MEANING = frozenset(
    "computer hell hello help invention information member members microsoft netscape order orders problem problems "
    "research room rooms state states system website wells work works world young".split()
)
"""English words that lists of stop words contain, but that a person would look for in a table of contents."""


@lru_cache(maxsize=64)
def stop_words(language: str) -> frozenset[str]:
    """The stop words of a language, in lower case; none if there is no list of them."""
    import stopwordsiso

    words = frozenset(fold(word, case=True) for word in stopwordsiso.stopwords(language))
    return words - _WITH_MEANING if language == "en" else words
