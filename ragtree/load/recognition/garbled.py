"""Detects text layers that differ from what the page shows, as with fonts that map letters to other characters."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from ...text.stop_words import stop_words

_WORD = re.compile(r"[^\W\d_]+")
_SCRIPTS = {
    "\u0000-\u024f": ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "no", "fi", "pl", "cs", "hu", "ro", "tr"),
    "\u0370-\u03ff\u1f00-\u1fff": ("el",),
}
"""The letters of the scripts that can be recognized and that put spaces between words, and their languages whose most
frequent words are known."""
_FEWEST = 40
"""Fewest words that can be judged."""
_LEAST = 0.15
"""Share of frequent words below which a text may be garbled: prose has .3 to .5, lists of names .1 to .2, and English
with each letter replaced by another .03 to .13; Greek has .3, and .15 at most with other letters."""


def frequent_share(text: str) -> float | None:
    """The share of words that are among the most frequent of a language, 0 to 1, for the language where it is largest.

    None if it cannot be judged: for too few words, for other scripts than Latin and Greek, and for several scripts.
    """
    words = _WORD.findall(text.casefold())
    for letters, languages in _SCRIPTS.items():
        own = [word for word in words if re.match(f"[{letters}]", word)]
        if len(own) >= _FEWEST and len(own) >= 0.8 * len(words):
            counts = Counter(own)
            known = (_frequent(language) & counts.keys() for language in languages)
            return max(sum(counts[word] for word in frequent) for frequent in known) / len(own)
    return None


def is_garbled(text: str) -> bool:
    """True if hardly any of its words are words of a language."""
    share = frequent_share(text)
    return share is not None and share < _LEAST


def is_better(text: str, other: str) -> bool:
    """True if a text is not garbled, and has at least twice the share of frequent words of the other one."""
    one, two = frequent_share(text), frequent_share(other)
    return one is not None and two is not None and one >= max(_LEAST, 2 * two)


@cache
def _frequent(language: str) -> frozenset[str]:
    return frozenset(word for word in stop_words(language) if len(word) > 1)
