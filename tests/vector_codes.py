"""Vectors -> codes of eight bits or one bit per number, all of which are searched; the best are rescored by the full
vectors.

Chroma keeps float32 for its own search, so codes would be a second index and save nothing there. They are only measured
(tests/benchmarks/test_small_vectors.py), and are not part of ragtree.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ragtree.types import Vectors

_BITS_OF_BYTE = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).sum(axis=1).astype(np.uint8)
_ROWS = 16_384


class Int8Codes(NamedTuple):
    """Rows as integers from -127 to 127, shape (n, dim), and the value of one unit in each row, shape (n,)."""

    numbers: NDArray[np.int8]
    steps: Vectors


def int8_codes(vectors: Vectors) -> Int8Codes:
    """The codes of float32 rows (n, dim), in a quarter of the memory."""
    steps = np.abs(vectors).max(axis=1, initial=0.0).astype(np.float32) / 127
    steps[steps == 0] = 1
    return Int8Codes(np.rint(vectors / steps[:, None]).astype(np.int8), steps)


def int8_scores(codes: Int8Codes, query: Vectors) -> Vectors:
    """Dot products of the rows with a full query (dim,): shape (n,)."""
    scores = np.empty(len(codes.steps), dtype=np.float32)
    for start in range(0, len(scores), _ROWS):  # in parts: all rows as float32 would take the memory that codes save
        part = slice(start, start + _ROWS)
        scores[part] = (codes.numbers[part].astype(np.float32) @ query) * codes.steps[part]
    return scores


def binary_codes(vectors: Vectors) -> NDArray[np.uint8]:
    """One bit per number, its sign: rows (n, dim) as (n, ceil(dim / 8)), in a thirty-second of the memory."""
    return np.packbits(vectors > 0, axis=-1)


def hamming(codes: NDArray[np.uint8], query: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The number of bits in which each row (n, bytes) differs from the query (bytes,): shape (n,)."""
    differing = np.bitwise_xor(codes, query)
    count = getattr(np, "bitwise_count", _BITS_OF_BYTE.__getitem__)  # NumPy 2 counts bits with one instruction
    distances: NDArray[np.int64] = count(differing).sum(axis=1, dtype=np.int64)
    return distances


def nearest(scores: NDArray[np.floating] | NDArray[np.integer], count: int) -> NDArray[np.intp]:
    """Rows of the `count` highest scores, the highest first; rows with equal scores keep their order."""
    count = min(count, len(scores))
    found = np.argpartition(-scores, count - 1)[:count] if 0 < count < len(scores) else np.arange(len(scores))[:count]
    return found[np.lexsort((found, -scores[found]))]


def rescore(candidates: NDArray[np.intp], vectors: Vectors, query: Vectors, count: int) -> NDArray[np.intp]:
    """The `count` candidates (rows of `vectors`) whose full vectors are nearest to the query, the nearest first."""
    ordered: NDArray[np.intp] = candidates[nearest(vectors[candidates] @ query, count)]
    return ordered
