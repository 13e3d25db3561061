"""Rows as integers, so that similarities are exact, and groups are the same for any number of threads.

With more threads, other blocks or on another machine, a BLAS adds in another order. A similarity that differs in its
last bit can change the nearest centre, and with it everything below. Integers under 2^24 are not rounded in float32, so
their sums are the same in any order, at the speed of any other float32 product.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .base import Indices

Codes: TypeAlias = NDArray[np.int16]
"""Rows of length SCALE, rounded to integers, shape (n, dim); a row of zeros stays zero."""

SCALE = 4000
"""By the Cauchy-Schwarz inequality no partial sum of the product of two rows exceeds the product of their lengths, here
16 million and a little for the rounding, which is under 2^24. A cosine is exact to .0001."""
EXACT_ROWS = 4096
"""This many rows can be added in float32 before a sum may reach 2^24."""
_BLOCK = 8192


def integer_codes(vectors: NDArray[np.floating]) -> Codes:
    """Vectors (n, dim) as codes; only their directions are kept."""
    codes = np.empty(vectors.shape, dtype=np.int16)
    for start in range(0, len(vectors), _BLOCK):
        codes[start : start + _BLOCK] = _rounded(vectors[start : start + _BLOCK])
    return codes


def integer_centres(codes: Codes, groups: Sequence[Indices]) -> Codes:
    """Mean directions of groups of rows, shape (len(groups), dim); a mean of zero stays zero."""
    centres = np.empty((len(groups), codes.shape[1]), dtype=np.int16)
    starts = np.concatenate([[0], np.cumsum([len(group) for group in groups])])
    first = 0
    while first < len(groups):
        # As many groups at once as fill a block of rows, but at least one.
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + _BLOCK, side="right")) - 1)
        rows = np.concatenate(groups[first:last])
        sums = np.add.reduceat(codes[rows].astype(np.int32), starts[first:last] - starts[first], axis=0)
        centres[first:last] = _rounded(sums)
        first = last
    return centres


def products(one: Codes, other: Codes) -> NDArray[np.float32]:
    """Similarities (n, m) of codes (n, dim) and (m, dim), in units of SCALE squared."""
    similarities: NDArray[np.float32] = one.astype(np.float32) @ other.astype(np.float32).T
    return similarities


def row_hashes(codes: Codes, seed: int) -> NDArray[np.uint64]:
    """A random number for every row that depends on its content alone (multilinear hashing, then splitmix64)."""
    count, dimension = codes.shape
    words = -(-dimension // 4)
    factors = np.random.default_rng(seed).integers(0, 2**63, words, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    dice = np.empty(count, dtype=np.uint64)
    for start in range(0, count, _BLOCK):
        block = codes[start : start + _BLOCK]
        if dimension % 4:
            block = np.pad(block, ((0, 0), (0, 4 * words - dimension)))
        dice[start : start + _BLOCK] = np.einsum("ij,j->i", np.ascontiguousarray(block).view("<u8"), factors)
    return scrambled(dice)


def scrambled(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The numbers, scrambled (the last step of splitmix64)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def _rounded(rows: NDArray[np.generic]) -> Codes:
    exact = rows.astype(np.float64)
    lengths = np.sqrt(np.einsum("ij,ij->i", exact, exact))[:, None]
    rounded: Codes = np.rint(exact * (SCALE / np.maximum(lengths, 1e-12)) * (lengths > 1e-12)).astype(np.int16)
    return rounded
