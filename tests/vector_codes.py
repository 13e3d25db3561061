"""Vectors -> codes of eight bits or one bit a number, searched at once and rescored by the full vectors.

Chroma keeps float32 for its own search, so codes would be a second index and save nothing there: they are measured
(tests/benchmarks/test_small_vectors.py) and are no part of ragtree.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ragtree.types import Vectors

_BITS_OF_BYTE = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).sum(axis=1).astype(np.uint8)
_ROWS = 16_384


class Int8Codes(NamedTuple):
    """Rows as whole numbers from -127 to 127, shape (n, dim), and what one of them is worth in each row, (n,)."""

    numbers: NDArray[np.int8]
    steps: Vectors


def int8_codes(vectors: Vectors) -> Int8Codes:
    """A quarter of the memory of float32 rows (n, dim)."""
    steps = np.abs(vectors).max(axis=1, initial=0.0).astype(np.float32) / 127
    steps[steps == 0] = 1
    return Int8Codes(np.rint(vectors / steps[:, None]).astype(np.int8), steps)


def int8_scores(codes: Int8Codes, query: Vectors) -> Vectors:
    """Dot products of the rows with a full query (dim,): shape (n,)."""
    scores = np.empty(len(codes.steps), dtype=np.float32)
    for start in range(0, len(scores), _ROWS):  # a part at a time: all rows as float32 would be what codes save
        part = slice(start, start + _ROWS)
        scores[part] = (codes.numbers[part].astype(np.float32) @ query) * codes.steps[part]
    return scores


def binary_codes(vectors: Vectors) -> NDArray[np.uint8]:
    """One bit a number, its sign: rows (n, dim) as (n, ceil(dim / 8)), a thirty-second of the memory."""
    return np.packbits(vectors > 0, axis=-1)


def hamming(codes: NDArray[np.uint8], query: NDArray[np.uint8]) -> NDArray[np.int64]:
    """In how many bits each row (n, bytes) differs from the query (bytes,): shape (n,)."""
    differing = np.bitwise_xor(codes, query)
    count = getattr(np, "bitwise_count", _BITS_OF_BYTE.__getitem__)  # NumPy 2 counts by one instruction
    distances: NDArray[np.int64] = count(differing).sum(axis=1, dtype=np.int64)
    return distances


def nearest(scores: NDArray[np.floating] | NDArray[np.integer], count: int) -> NDArray[np.intp]:
    """Rows of the `count` highest scores, the highest first; equals in their order."""
    count = min(count, len(scores))
    found = np.argpartition(-scores, count - 1)[:count] if 0 < count < len(scores) else np.arange(len(scores))[:count]
    return found[np.lexsort((found, -scores[found]))]


def rescore(candidates: NDArray[np.intp], vectors: Vectors, query: Vectors, count: int) -> NDArray[np.intp]:
    """The `count` candidates (rows of `vectors`) whose full vectors are nearest to the query, the nearest first."""
    ordered: NDArray[np.intp] = candidates[nearest(vectors[candidates] @ query, count)]
    return ordered
