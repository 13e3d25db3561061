"""Text layers that say something else than the page shows, as of fonts that map their letters to other characters."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from ...stems import stop_words

_WORD = re.compile(r"[^\W\d_]+")
_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "no", "fi", "pl", "cs", "hu", "ro", "tr")
"""Languages of the Latin script, of which the most frequent words are known."""
_FEWEST = 40
"""Words that say something about their language."""
_LEAST = 0.15
"""Share of frequent words below which a text may be none: prose has .3 to .5, lists of names .1 to .2, and English of
which each letter is exchanged for another one .03 to .13."""


def frequent_share(text: str) -> float | None:
    """The share of words that are among the most frequent of one language, 0 to 1.

    None for what cannot be judged: little text, and other scripts than the Latin.
    """
    words = _WORD.findall(text.casefold())
    latin = [word for word in words if word[0] < "\u0250"]
    if len(latin) < _FEWEST or len(latin) < 0.8 * len(words):
        return None
    counts = Counter(latin)
    return max(sum(counts[word] for word in _frequent(language) & counts.keys()) for language in _LANGUAGES) / len(
        latin
    )


def is_garbled(text: str) -> bool:
    """True if hardly a word of it is one."""
    share = frequent_share(text)
    return share is not None and share < _LEAST


def is_better(text: str, other: str) -> bool:
    """True if a text is not garbled, and has far more frequent words than the other one, which is."""
    one, two = frequent_share(text), frequent_share(other)
    return one is not None and two is not None and one >= max(_LEAST, 2 * two)


@cache
def _frequent(language: str) -> frozenset[str]:
    return frozenset(word for word in stop_words(language) if len(word) > 1)
