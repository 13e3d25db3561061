"""How much of a reference text a reader recovers, how much else it returns, and whether the order is the same."""

from __future__ import annotations

import re
from collections import Counter


def words(text: str) -> list[str]:
    """Words and numbers in lower case, without punctuation and marks."""
    return re.findall(r"\w+", text.lower())


def word_recall(reference: str, text: str) -> float:
    """Share of the reference's words that the text has, counted with repetitions."""
    return _shared(words(reference), words(text))


def word_precision(reference: str, text: str) -> float:
    """Share of the text's words that the reference has."""
    return _shared(words(text), words(reference))


def order_recall(reference: str, text: str, length: int = 5) -> float:
    """Share of the reference's runs of `length` words that occur in the text."""
    return _shared(_runs(words(reference), length), _runs(words(text), length))


def _runs(of: list[str], length: int) -> list[tuple[str, ...]]:
    return [tuple(of[start : start + length]) for start in range(len(of) - length + 1)]


def _shared(wanted: list, found: list) -> float:
    if not wanted:
        return 1.0
    return (Counter(wanted) & Counter(found)).total() / len(wanted)
