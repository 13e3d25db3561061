"""Dimension reduction before clustering: none, principal components, whitening, UMAP."""

from __future__ import annotations

import importlib.util
import math
import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import MissingExtraError
from ..types import Vectors

Kind = Literal["none", "pca", "whiten", "umap"]

_NEIGHBOURS = 50
"""Most neighbours of a row in UMAP. The paper's code takes the square root of the number of rows, which has no bound:
for 93,000 rows it would be 305."""
_LEAST_VARIANCE = 1e-3
"""Below this share of the largest variance, whitening takes a direction for noise and does not amplify it."""
_CAP = 0.5
"""Extent of the cap of a sphere on which points become directions, as a share of the sphere's radius."""
_BLOCK = 8192


@dataclass(frozen=True, slots=True)
class Reduction:
    """Vectors -> points of fewer dimensions, always the same ones for the same vectors."""

    kind: Kind
    dimensions: int = 10
    """Most dimensions of a point; few rows get fewer. The default is the paper's."""
    seed: int = 0

    @property
    def fingerprint(self) -> str:
        """Changes when the points would change."""
        return "none" if self.kind == "none" else f"{self.kind}-{self.dimensions}-{self.seed}"

    def points(self, vectors: Vectors, neighbours: int | None = None) -> NDArray[np.float32]:
        """Points (n, at most `dimensions`) to compare by Euclidean distance; the vectors themselves for kind "none".

        `neighbours` is for UMAP; the default is the square root of the number of rows, at most 50.
        """
        if self.kind == "none" or not len(vectors):
            return vectors
        if self.kind == "umap":
            return self._umap(vectors, neighbours)
        return _principal(vectors, self.dimensions, whiten=self.kind == "whiten")

    def directions(self, vectors: Vectors) -> NDArray[np.float32]:
        """Rows to be compared by cosine; their lengths mean nothing."""
        points = self.points(vectors)
        if self.kind != "umap" or not len(points):
            return points
        # UMAP's origin means nothing, so its points have no direction. On a small cap of a sphere with one more
        # dimension, the order of the cosines is that of the distances.
        centred = points - points.mean(axis=0)
        reach = float(np.sqrt(np.einsum("ij,ij->i", centred, centred).max()))
        pole = np.full((len(points), 1), max(reach, 1e-9) / _CAP, dtype=np.float32)
        return np.concatenate([centred, pole], axis=1)

    def _umap(self, vectors: Vectors, neighbours: int | None) -> NDArray[np.float32]:
        """UMAP by cosine (arXiv 1802.03426). Copies of a row are one point.

        With hardly more rows than dimensions, a graph of neighbours says nothing; such rows get principal
        components.
        """
        distinct, first, places = np.unique(vectors, axis=0, return_index=True, return_inverse=True)
        if len(distinct) < self.dimensions + 3:
            return _principal(vectors, self.dimensions, whiten=False)
        wanted = neighbours or min(_NEIGHBOURS, math.isqrt(len(distinct) - 1))
        order = np.argsort(first)  # the order of the rows, not that of np.unique
        settings = self.dimensions, max(2, min(wanted, len(distinct) - 1)), self.seed
        points = np.empty((len(distinct), self.dimensions), dtype=np.float32)
        points[order] = _umap_points(distinct[order], *settings)
        return points[places.reshape(-1)]


NO_REDUCTION = Reduction("none")
PRINCIPAL = Reduction("pca")


def umap_reduction() -> Reduction:
    """The reduction of the paper. Raises MissingExtraError if it is not installed."""
    if importlib.util.find_spec("umap") is None:
        raise MissingExtraError("umap-learn, which tree.cluster = gmm-umap needs,", "umap")
    return Reduction("umap")


def _umap_points(vectors: Vectors, dimensions: int, neighbours: int, seed: int) -> NDArray[np.float32]:
    import umap
    from threadpoolctl import threadpool_limits

    # UMAP's own start, the spectrum of the graph, crashes with few rows: it asks ARPACK for more vectors than there are
    # rows, in every component of a graph that is not connected.
    start = 1e-4 * np.random.default_rng(seed).standard_normal((len(vectors), dimensions), dtype=np.float32)
    principal = _principal(vectors, dimensions, whiten=False)
    start[:, : principal.shape[1]] += principal
    model = umap.UMAP(
        n_neighbors=neighbours,
        n_components=dimensions,
        metric="cosine",
        init=start,
        random_state=seed,
        n_jobs=1,  # with more jobs the seed has no effect
    )
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about graphs that are not connected, and deprecations
        points: NDArray[np.float32] = model.fit_transform(vectors).astype(np.float32)
    return np.nan_to_num(points)


def _principal(vectors: Vectors, dimensions: int, whiten: bool) -> NDArray[np.float32]:
    """Principal components (n, at most `dimensions`): the first has variance 1; with `whiten`, all have."""
    from threadpoolctl import threadpool_limits

    keep = max(1, min(dimensions, len(vectors) - 2, vectors.shape[1]))
    # Small matrices gain nothing from threads, and one thread always adds in the same order.
    with threadpool_limits(limits=1):
        mean = vectors.mean(axis=0, dtype=np.float64)
        if len(vectors) < vectors.shape[1]:  # the smaller of the two product matrices says the same
            centred = vectors - mean
            values, sides = np.linalg.eigh(centred @ centred.T)
            axes = centred.T @ (sides / np.sqrt(np.maximum(values, 1e-12)))
        else:
            values, axes = np.linalg.eigh(_scatter(vectors, mean))
        values, axes = np.maximum(values[::-1][:keep], 0.0), axes[:, ::-1][:, :keep]
        largest = max(float(values[0]), 1e-9 * len(vectors))
        scale = np.maximum(values, _LEAST_VARIANCE * largest) if whiten else np.full(keep, largest)
        axes = axes / np.sqrt(scale / max(len(vectors) - 1, 1))
        points = np.empty((len(vectors), keep), dtype=np.float32)
        for start in range(0, len(vectors), _BLOCK):
            points[start : start + _BLOCK] = (vectors[start : start + _BLOCK] - mean) @ axes
    return points


def _scatter(vectors: Vectors, mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Products of the centred columns, shape (dim, dim), in blocks, so that a million rows are not held twice."""
    total = np.zeros((vectors.shape[1], vectors.shape[1]))
    for start in range(0, len(vectors), _BLOCK):
        centred = vectors[start : start + _BLOCK] - mean
        total += centred.T @ centred
    return total
