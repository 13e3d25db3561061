"""What an embedder is: texts -> unit vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..types import OnProgress, Vectors, no_progress


class Embedder(Protocol):
    """Turns texts into vectors. Making one loads nothing; the first text does."""

    @property
    def name(self) -> str:
        """The model's name as it stands in an index; another name means other vectors."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector. May load the model."""
        ...

    def embed(self, texts: Sequence[str], progress: OnProgress = no_progress) -> Vectors:
        """Vectors of passages, shape (len(texts), dimension), in the order of `texts`.

        Raises ModelError where the model cannot be loaded or reached, MissingExtraError where its package
        is not installed.
        """
        ...

    def embed_query(self, text: str) -> Vectors:
        """Vector of a question, shape (dimension,): some models put other words before a question."""
        ...


def unit_rows(vectors: NDArray[np.floating]) -> Vectors:
    """Rows scaled to length 1, as float32; a row of zeros, or one that is not finite, becomes e_0."""
    rows = np.array(vectors, dtype=np.float32, ndmin=2)
    rows[~np.isfinite(rows).all(axis=1)] = 0
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if rows.shape[1]:
        empty = lengths[:, 0] == 0
        rows[empty, 0] = 1
        lengths[empty] = 1
    scaled: Vectors = rows / lengths
    return scaled


def batches_by_length(texts: Sequence[str], size: int) -> list[list[int]]:
    """Indices of `texts` in batches of similar length: padding is what a mixed batch wastes its time on."""
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]), reverse=True)
    return [order[start : start + size] for start in range(0, len(order), size)]
