"""Choosing texts that say, in few tokens, what many texts say.

Budgeted maximum coverage of words, solved greedily by gain per token spent (Lin and Bilmes, "A class of submodular
functions for document summarization", ACL 2011, section 4).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from .terms import content_words, is_unspaced, stem, terms


def topic_terms(text: str, language: str = "en") -> set[str]:
    """The terms that a text is about. Crude stems, which group related words, cover more than careful ones."""
    return set(terms(text)) if is_unspaced(text) else {stem(word) for word in content_words(text, language)}


def word_rows(texts: Sequence[Collection[str]]) -> NDArray[np.float64]:
    """A matrix of which texts contain which words: 1 or 0, shape (len(texts), words)."""
    column = {word: number for number, word in enumerate(sorted(set().union(*texts)))}
    rows = np.zeros((len(texts), len(column)))
    for row, words in zip(rows, texts, strict=True):
        row[[column[word] for word in words]] = 1.0
    return rows


def cover(
    rows: NDArray[np.float64],
    weights: NDArray[np.float64],
    tokens: Sequence[int],
    budget: float,
    power: float,
    trust: NDArray[np.float64] | None = None,
) -> Iterator[tuple[int, float]]:
    """Yield (index of a text, its gain) in the order in which texts are chosen, as far as `budget` tokens reach.

    `rows` comes from `word_rows`. `weights`, shape (words,), says what each word is worth; a word counts once. A gain
    is divided by the text's `tokens` raised to `power`, and multiplied by its `trust`, shape (texts,).
    """
    cost = np.maximum(1.0, np.asarray(tokens, dtype=np.float64))
    worth = np.ones(len(rows)) if trust is None else trust
    is_open = np.ones(len(rows), dtype=bool)
    while True:
        is_open &= cost <= budget
        gains = np.where(is_open, (rows @ weights) * worth / cost**power, -1.0)
        best = int(gains.argmax()) if len(gains) else 0
        if not len(gains) or gains[best] <= 0:
            return
        yield best, float(gains[best])
        is_open[best] = False
        budget -= cost[best]
        weights = weights * (1 - rows[best])
