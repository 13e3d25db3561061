"""Vectors -> shorter vectors: the first numbers, principal components, whitening. Arrays in, arrays out."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..errors import IndexDamagedError, SettingsError
from ..types import Vectors
from .base import unit_rows

Way = Literal["truncate", "pca", "whiten"]

_SAMPLE = 50_000
_RIDGE = 0.05
"""Share of the mean variance that whitening adds to that of every direction: small ones are mostly noise."""


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """A linear map of unit rows to shorter unit rows, and how many vectors it was learned from."""

    mean: Vectors
    """Subtracted first, shape (dim,)."""
    components: Vectors
    """Shape (dim, kept)."""
    learned_from: int

    def apply(self, vectors: Vectors) -> Vectors:
        """Vectors (n, dim), or one (dim,) -> unit rows (n, kept), or (kept,)."""
        reduced = unit_rows((vectors - self.mean) @ self.components)
        return reduced if vectors.ndim == 2 else reduced[0]

    @property
    def digest(self) -> str:
        """A short hash of the map. Vectors of different maps cannot be compared."""
        return hashlib.sha256(self.mean.tobytes() + self.components.tobytes()).hexdigest()[:12]

    def to_bytes(self) -> bytes:
        """The map as an .npz file, without pickle."""
        stream = io.BytesIO()
        np.savez(stream, mean=self.mean, components=self.components, learned_from=np.int64(self.learned_from))
        return stream.getvalue()

    @staticmethod
    def from_bytes(data: bytes) -> Projection:
        """The map that `to_bytes` wrote. Raises IndexDamagedError."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as kept:
                return Projection(kept["mean"], kept["components"], int(kept["learned_from"]))
        except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise IndexDamagedError(
                f"the projection of the vectors cannot be read ({error}); "
                "move catalog.sqlite away and index the folder again"
            ) from error


def learn_projection(vectors: Vectors, kept: int, way: Way, seed: int = 0) -> Projection:
    """The map of vectors to `kept` numbers, learned from these vectors (n, dim).

    `truncate` keeps the first numbers (Matryoshka Representation Learning, arXiv 2205.13147) and learns nothing. `pca`
    keeps the directions with most of the vectors' squared length; the mean is not subtracted, so that keeping all
    directions changes no similarity. `whiten` subtracts the mean and scales the principal components to equal variance
    (Whitening Sentence Representations, arXiv 2103.15316).

    Raises SettingsError if `kept` is not between 1 and dim.
    """
    dimension = vectors.shape[1]
    if not 1 <= kept <= dimension:
        raise SettingsError(f"embed.dim is {kept}; it has to be 1 to {dimension}, the length of the embedder's vectors")
    nothing = np.zeros(dimension, dtype=np.float32)
    if way == "truncate":
        return Projection(nothing, np.eye(dimension, kept, dtype=np.float32), 0)
    sample = _sampled(vectors, seed).astype(np.float64)
    mean = sample.mean(axis=0) if way == "whiten" else np.zeros(dimension)
    variances, directions = _principal(sample - mean, kept)
    if way == "whiten":
        ridge = _RIDGE * max(float(variances.mean()), 1e-12)
        directions = directions / np.sqrt(variances + ridge)
    return Projection(mean.astype(np.float32), directions.astype(np.float32), len(vectors))


def _sampled(vectors: Vectors, seed: int) -> Vectors:
    if len(vectors) <= _SAMPLE:
        return vectors
    rows = np.random.default_rng(seed).choice(len(vectors), _SAMPLE, replace=False)
    sampled: Vectors = vectors[np.sort(rows)]
    return sampled


def _principal(rows: Vectors, kept: int) -> tuple[Vectors, Vectors]:
    """Variances (kept,), the largest first, and their directions (dim, kept), each with its largest number positive."""
    values, directions = np.linalg.eigh(rows.T @ rows / max(len(rows), 1))
    values, directions = values[::-1][:kept].clip(min=0), directions[:, ::-1][:, :kept]
    largest = np.abs(directions).argmax(axis=0)
    return values, directions * np.sign(directions[largest, np.arange(kept)])
