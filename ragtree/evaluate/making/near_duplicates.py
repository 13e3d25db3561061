"""Finds texts that are nearly the same, in near-linear time.

MinHash (Broder, On the resemblance and containment of documents, 1997) over shingles of characters, with the
signatures cut into bands so that only texts that share a band are compared (Leskovec, Rajaraman and Ullman, Mining of
Massive Datasets, section 3.4). Written in numpy, where 100,000 sentences take 3 s; with datasketch, which makes an
object of every sentence, they take 20 s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ...text.folding import fold

SAME = 0.7
"""Two texts with at least this share of common shingles (Jaccard) are nearly the same: one word changed in ten, or
two in twenty."""
_SHINGLE = 4
_BANDS, _ROWS = 12, 4
"""A pair with a resemblance of .7 is found with probability .96, one of .8 with .998. Of pairs with .4, every fourth is
compared."""
_WORTH_COMPARING = 0.5
"""Least share of two signatures that agrees. It estimates the resemblance with a deviation of .07."""
_BLOCK = 4096
_NOT_SAID = re.compile(r"[\W_]+")

Signatures = NDArray[np.uint64]


def bare(text: str) -> str:
    """Only the letters and digits: line ends, emphasis and punctuation do not make a different sentence."""
    return _NOT_SAID.sub("", fold(text, case=True))


def resemblance(left: str, right: str) -> float:
    """Jaccard similarity of the shingles of two bare texts (0 to 1)."""
    one, other = _shingles(left), _shingles(right)
    return len(one & other) / len(one | other)


def _shingles(text: str) -> set[str]:
    return {text[start : start + _SHINGLE] for start in range(max(1, len(text) - _SHINGLE + 1))}


def group_copies(texts: Sequence[str]) -> NDArray[np.intp]:
    """A label for each bare text, shape (len(texts),): the index of the first text that it is nearly the same as."""
    firsts: dict[str, int] = {}
    labels = np.fromiter((firsts.setdefault(text, index) for index, text in enumerate(texts)), np.intp, len(texts))
    distinct = [index for index in firsts.values() if len(texts[index]) >= _SHINGLE]
    leaders = np.arange(len(texts))
    for one, other in _candidates(_signatures([texts[index] for index in distinct])):
        left, right = _leader(leaders, distinct[one]), _leader(leaders, distinct[other])
        if left != right and resemblance(texts[distinct[one]], texts[distinct[other]]) >= SAME:
            leaders[max(left, right)] = min(left, right)
    return np.array([_leader(leaders, int(label)) for label in labels], dtype=np.intp)


def _leader(leaders: NDArray[np.intp], index: int) -> int:
    """The first text of the group (union-find with path halving)."""
    while leaders[index] != index:
        leaders[index] = leaders[leaders[index]]
        index = int(leaders[index])
    return index


def _signatures(texts: Sequence[str]) -> Signatures:
    """The smallest hashes of every text's shingles, shape (len(texts), bands * rows)."""
    dice = np.random.default_rng(0).integers(1, 2**63, size=(2, _BANDS * _ROWS), dtype=np.uint64)
    signatures = np.empty((len(texts), _BANDS * _ROWS), dtype=np.uint64)
    for start in range(0, len(texts), _BLOCK):
        block = texts[start : start + _BLOCK]
        hashes, begins = _hashed(block)
        for column, (factor, shift) in enumerate(dice.T):
            thrown = hashes * (factor | np.uint64(1)) + shift
            signatures[start : start + len(block), column] = np.minimum.reduceat(thrown, begins)
    return signatures


def _hashed(texts: Sequence[str]) -> tuple[Signatures, NDArray[np.intp]]:
    """A hash of every shingle of all texts, one after the other, and the position where each text's hashes begin."""
    joined = "".join(texts).encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(joined, dtype=np.uint32).astype(np.uint64)
    lengths = np.array([len(text) for text in texts])
    hashes = np.zeros(len(codes) - _SHINGLE + 1, dtype=np.uint64)
    for place in range(_SHINGLE):
        hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + codes[place : place + len(hashes)]
    hashes = (hashes ^ (hashes >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes ^= hashes >> np.uint64(32)
    ends = np.cumsum(lengths)
    inside = np.ones(len(hashes), dtype=bool)
    for place in range(1, _SHINGLE):  # leaves out shingles that begin in one text and end in the next
        inside[ends[:-1] - place] = False
    begins = np.concatenate([[0], np.cumsum(lengths - _SHINGLE + 1)[:-1]])
    return hashes[inside], begins.astype(np.intp)


def _candidates(signatures: Signatures) -> Iterator[tuple[int, int]]:
    """Yield pairs of rows that agree in a band, and in enough of the whole signature to be worth comparing.

    Each row of a bucket is paired only with the first row and with the one before it, so that many copies of a text are
    not all compared with each other.
    """
    for band in range(_BANDS):
        rows = signatures[:, band * _ROWS : (band + 1) * _ROWS]
        keys = (rows * np.array([1, 3, 5, 7], dtype=np.uint64) ^ (rows >> np.uint64(17))).sum(axis=1, dtype=np.uint64)
        order = np.argsort(keys, kind="stable")
        begins = np.flatnonzero(np.diff(keys[order], prepend=keys[order[:1]] + np.uint64(1)))
        firsts = order[np.repeat(begins, np.diff(begins, append=len(order)))]
        inner = np.flatnonzero(firsts != order)
        pairs = np.concatenate([np.stack([firsts[inner], order[inner]]), np.stack([order[inner - 1], order[inner]])], 1)
        alike = np.mean(signatures[pairs[0]] == signatures[pairs[1]], axis=1) >= _WORTH_COMPARING
        yield from zip(*pairs[:, alike].tolist(), strict=True)
