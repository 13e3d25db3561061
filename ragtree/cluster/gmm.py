"""Gaussian mixtures with soft membership, as in RAPTOR (arXiv 2401.18059, section 3).

A global pass, a local pass inside each global group, the number of components by BIC, and groups over the
budget clustered again. Dimensions are reduced by PCA; covariances are diagonal and regularized, so that few or
identical rows do no harm.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..settings import TreeSettings
from ..types import Vectors
from .base import Counts, Indices, absorb_small, without_repeats
from .kmeans import split_to_budget

_DIMENSIONS = 10
"""The paper's code reduces to 10."""
_COMPONENTS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 26, 32, 40, 50)
"""Numbers of components that are tried; up to 50 as in the paper's code, in growing steps."""
_SAMPLE = 3000
"""Rows that a mixture is fitted on; the rest is assigned. It keeps the sweep's cost bounded at any size."""
_REGULARIZER = 1e-4
_LEAST_ROWS = 5
"""Distinct rows a component, at least: BIC tells nothing of two or three points in ten dimensions, and would cut
four planted clusters of 20 rows into 20 groups."""


class GaussianMixtures:
    """Soft clusters: a row joins every group whose posterior probability is above `tree.membership`."""

    def __init__(self, settings: TreeSettings) -> None:
        self._membership = settings.membership
        self._seed = settings.seed
        self.fingerprint = f"gmm/{settings.membership}/{settings.seed}/2"

    def cluster(self, vectors: Vectors, tokens: Counts, budget: int) -> list[Indices]:
        from threadpoolctl import threadpool_limits

        # Matrices of a few rows gain nothing from threads, and lose by waiting for them: 606 rows on two busy
        # cores took 31 s with threads and 1 s without.
        with threadpool_limits(limits=1):
            return self._cluster(vectors, tokens, budget)

    def _cluster(self, vectors: Vectors, tokens: Counts, budget: int) -> list[Indices]:
        groups: list[Indices] = []
        rows = np.arange(len(vectors))
        for global_group in self._soft(vectors, rows) if len(rows) else []:
            for group in self._soft(vectors, global_group):
                groups.extend(self._within(vectors, tokens, budget, group))
        groups = without_repeats(groups)
        if len(groups) >= max(2, len(vectors)):  # soft membership made copies instead of a smaller level
            groups = split_to_budget(vectors, tokens, budget, rows, self._seed)
        groups = absorb_small(vectors, tokens, budget, groups, least=2)
        return sorted(without_repeats(groups), key=lambda group: tuple(group.tolist()))

    def _within(self, vectors: Vectors, tokens: Counts, budget: int, rows: Indices) -> list[Indices]:
        """The group, clustered again as long as it is over the budget and clustering gets anywhere."""
        if len(rows) < 2 or tokens[rows].sum() <= budget:
            return [rows]
        parts = self._soft(vectors, rows)
        if len(parts) < 2 or max(map(len, parts)) > 0.9 * len(rows):
            return split_to_budget(vectors, tokens, budget, rows, self._seed)
        return [group for part in parts for group in self._within(vectors, tokens, budget, part)]

    def _soft(self, vectors: Vectors, rows: Indices) -> list[Indices]:
        if len(rows) < 4:
            return [rows]
        probabilities = self._posterior(_reduce(vectors[rows]))
        member = probabilities > self._membership
        member[np.arange(len(rows)), probabilities.argmax(axis=1)] = True
        return [rows[column] for column in member.T if column.any()]

    def _posterior(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Posterior probabilities, shape (n, components), of the mixture with the lowest BIC."""
        from sklearn.mixture import GaussianMixture

        generator = np.random.default_rng(self._seed)
        sample = points
        if len(points) > _SAMPLE:
            sample = points[np.sort(generator.choice(len(points), _SAMPLE, replace=False))]
        distinct = len(np.unique(sample.round(6), axis=0))
        best, lowest = None, np.inf
        for components in _COMPONENTS:
            if components > max(1, distinct // _LEAST_ROWS):
                break
            mixture = GaussianMixture(
                components,
                covariance_type="diag",
                reg_covar=_REGULARIZER,
                random_state=self._seed,
                max_iter=60,
            )
            mixture.fit(sample)
            score = mixture.bic(sample)
            if score < lowest:
                best, lowest = mixture, score
        if best is None:
            return np.ones((len(points), 1))
        posterior: NDArray[np.float64] = best.predict_proba(points)
        return posterior


def _reduce(vectors: Vectors) -> NDArray[np.float64]:
    """Principal components, shape (n, at most 10), scaled so that the first has variance 1."""
    centred = vectors.astype(np.float64) - vectors.mean(axis=0)
    # The smaller of the two matrices of products has all there is to know: n is often far below dim here.
    wide = len(centred) < centred.shape[1]
    values, axes = np.linalg.eigh(centred @ centred.T if wide else centred.T @ centred)
    keep = min(_DIMENSIONS, len(vectors) - 2)
    values, axes = np.maximum(values[::-1], 0.0), axes[:, ::-1][:, :keep]
    points: NDArray[np.float64] = axes * np.sqrt(values[:keep]) if wide else centred @ axes
    scaled: NDArray[np.float64] = points / np.sqrt(max(values[0] / (len(centred) - 1), 1e-9))
    return scaled
