"""How often the words and pairs of words of a tree stand in its texts, as one sparse matrix."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..languages import AUTO
from .words import Vocabulary

_MOST_IN_A_TEXT = 2
"""A text that repeats a word does not win by it alone."""

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a tree's texts: words, and pairs of words that stand in two texts at least."""

    names: tuple[str, ...]
    """As they are written most often."""
    words: Numbers
    """The words of each term, shape (terms, 2), as numbers; -1 for the second of a word that stands alone."""
    counts: Any
    """How often each stands in each text, a scipy CSR matrix (texts, terms)."""


@dataclass(frozen=True, slots=True)
class _Tokens:
    """The words of all texts one after the other."""

    spellings: Numbers
    """Numbers of words as they are written; 0 parts what does not stand side by side."""
    words: Numbers
    """The same, alike for the forms of a word."""
    texts: Numbers
    """The text of each."""


def terms_of(texts: Sequence[str], language: str = AUTO) -> Terms:
    """The terms of the texts, without the words that every text of their language has.

    Linear in the texts; of their words only numbers are held.
    """
    vocabulary = Vocabulary(texts, language)
    flat, lengths = array("q"), []
    for place in range(len(texts)):
        row = vocabulary.numbers(place)
        flat.extend(row)
        lengths.append(len(row))
    spellings = np.frombuffer(flat, dtype=np.int64) if flat else np.zeros(0, np.int64)
    words = vocabulary.words()
    tokens = _Tokens(spellings, words[spellings], np.repeat(np.arange(len(texts)), lengths))
    names, pairs = _named(tokens, vocabulary.spellings, int(words.max()) + 1)
    return Terms(names, pairs.words, _counts(tokens, pairs, len(texts), len(names)))


@dataclass(frozen=True, slots=True)
class _Pairs:
    """The words of all terms, and where the pairs stand: places of their second words, and their terms there."""

    words: Numbers
    places: Numbers
    terms: Numbers


def _named(tokens: _Tokens, spellings: Sequence[str], many: int) -> tuple[tuple[str, ...], _Pairs]:
    codes = np.full(len(tokens.words), -1, dtype=np.int64)
    left, right = tokens.words[:-1], tokens.words[1:]
    beside = (left > 0) & (right > 0) & (left != right) & (tokens.texts[:-1] == tokens.texts[1:])
    codes[1:][beside] = left[beside] * many + right[beside]
    places = np.flatnonzero(codes >= 0)
    known, number = np.unique(codes[places], return_inverse=True)
    in_texts = np.unique(np.stack([number, tokens.texts[places]]), axis=1)[0] if len(places) else number
    kept = np.bincount(in_texts, minlength=len(known)) > 1
    places, number = places[kept[number]], (np.cumsum(kept) - 1)[number[kept[number]]]
    known = known[kept]
    single = np.arange(many)
    words = np.concatenate([np.stack([single, np.full(many, -1)], 1), np.stack([known // many, known % many], 1)])
    alone = _most_often(tokens.words, tokens.spellings, many)
    side = _most_often(number, tokens.spellings[places - 1] * len(spellings) + tokens.spellings[places], len(known))
    names = [spellings[spelling] for spelling in alone.tolist()]
    names += [f"{spellings[code // len(spellings)]} {spellings[code % len(spellings)]}" for code in side.tolist()]
    return tuple(names), _Pairs(words, places, number + many)


def _most_often(of: Numbers, values: Numbers, many: int) -> Numbers:
    """For each number up to `many` the value that stands beside it most often; the smaller of two; 0 for none."""
    best = np.zeros(many, dtype=np.int64)
    if len(of):
        order = np.lexsort((values, of))
        of, values = of[order], values[order]
        new = np.flatnonzero(np.r_[True, (of[1:] != of[:-1]) | (values[1:] != values[:-1])])
        counts = np.diff(np.r_[new, len(of)])
        rising = np.lexsort((-values[new], counts))
        best[of[new][rising]] = values[new][rising]  # the last that is written stays
    return best


def _counts(tokens: _Tokens, pairs: _Pairs, texts: int, terms: int) -> Any:
    from scipy.sparse import csr_matrix

    whole = np.flatnonzero(tokens.words)
    rows = np.concatenate([tokens.texts[whole], tokens.texts[pairs.places]])
    columns = np.concatenate([tokens.words[whole], pairs.terms])
    counts = csr_matrix((np.ones(len(rows), dtype=np.int32), (rows, columns)), shape=(texts, terms))
    counts.sum_duplicates()
    np.minimum(counts.data, _MOST_IN_A_TEXT, out=counts.data)
    return counts
