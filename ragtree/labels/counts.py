"""Counts how often words and pairs of words occur in the texts of a tree, as one sparse matrix."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..text.languages import AUTO
from .vocabulary import Vocabulary

_MOST_IN_A_TEXT = 2
"""Most occurrences of a term that are counted in one text, so that it cannot win by repetition alone."""

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a tree's texts: words, and pairs of words that occur in at least two texts."""

    names: tuple[str, ...]
    """The terms in their most frequent spelling."""
    words: Numbers
    """The word numbers of each term, shape (terms, 2). The second one is -1 if the term is a single word."""
    counts: Any
    """How often each term occurs in each text, a scipy CSR matrix (texts, terms)."""


@dataclass(frozen=True, slots=True)
class _Tokens:
    """The words of all texts, one after the other."""

    spellings: Numbers
    """The numbers of words as they are written; 0 separates words that are not side by side."""
    words: Numbers
    """The same, with one number for all forms of a word."""
    texts: Numbers
    """The text that each word is in."""


def terms_of(texts: Sequence[str], language: str = AUTO) -> Terms:
    """The terms of the texts, without stop words.

    Takes time linear in the length of the texts, and holds only numbers for their words.
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
    """The words of all terms, and where pairs occur: the places of their second words, and the pair's term at each."""

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
    """For each number below `many`, the value that occurs with it most often (the smaller of two), or 0 for none."""
    best = np.zeros(many, dtype=np.int64)
    if len(of):
        order = np.lexsort((values, of))
        of, values = of[order], values[order]
        new = np.flatnonzero(np.r_[True, (of[1:] != of[:-1]) | (values[1:] != values[:-1])])
        counts = np.diff(np.r_[new, len(of)])
        rising = np.lexsort((-values[new], counts))
        best[of[new][rising]] = values[new][rising]  # the last one written stays
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
