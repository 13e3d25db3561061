"""Gaussian mixtures with soft membership, as in RAPTOR (arXiv 2401.18059, section 3) and its authors' code.

Dimensions are reduced, by UMAP as in the paper, or to their principal components. A local pass follows the global one
in each global group, BIC chooses the number of components, and groups over the budget are clustered again by both
passes. It differs from that code so that it never crashes or runs forever, and its memory is bounded: diagonal,
regularized covariances, a cap on neighbours, a sample to fit on, and k-means where clustering makes no progress.
"""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from ..processes import SCIKIT_LEARN
from ..types import Vectors
from .base import Counts, Indices, without_repeats
from .integer_rows import integer_codes
from .nearest_groups import absorb_single
from .reduce import PRINCIPAL, Reduction, umap_reduction
from .splitting import Rows, split_to_budget

_LOCAL_NEIGHBOURS = 10
"""Neighbours of a row in UMAP in the local pass, as in the paper's code."""
_COMPONENTS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 26, 32, 40, 50)
"""Numbers of components that are tried; up to 50 as in the paper's code, in growing steps."""
_SAMPLE = 3000
"""Most rows that a mixture is fitted on; the others are assigned. This bounds the cost of the sweep."""
_REGULARIZER = 1e-4
_LEAST_ROWS = 5
"""Least number of distinct rows for a component: BIC says nothing about two or three points in ten dimensions, and
would cut four planted clusters of 20 rows into 20 groups."""
_MOST_COPIES = 2
"""If clustering a group again puts a row into more parts than this on average, the group is split hard: each further
try would double it again."""


class GaussianMixtures:
    """Soft clusters: a row joins every group whose posterior probability is above `membership` (0.1 in the paper)."""

    def __init__(self, membership: float = 0.1, seed: int = 0, reduction: Reduction = PRINCIPAL) -> None:
        self._membership = membership
        self._seed = seed
        self._reduction = reduction
        self.fingerprint = f"gmm/{membership}/{seed}/{reduction.fingerprint}/3"

    def cluster(self, vectors: Vectors, tokens: Counts, budget: int) -> list[Indices]:
        from sklearn.exceptions import ConvergenceWarning
        from threadpoolctl import threadpool_limits

        # Matrices of a few rows gain nothing from threads, and lose time waiting for them: 606 rows on two busy
        # cores took 31 s with threads and 1 s without. Also, one thread always adds in the same order.
        with threadpool_limits(limits=1), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # BIC chooses among the mixtures as far as they got
            return self._cluster(vectors, tokens, budget)

    def _cluster(self, vectors: Vectors, tokens: Counts, budget: int) -> list[Indices]:
        codes = integer_codes(vectors)
        level = Rows.of(codes, self._seed)
        rows = np.arange(len(vectors))
        groups: list[Indices] = []
        for group in self._two_passes(vectors, rows) if len(rows) else []:
            groups.extend(self._within(level, vectors, tokens, budget, group))
        groups = without_repeats(groups)
        if len(groups) >= max(2, len(vectors)):  # soft membership made copies instead of a smaller level
            groups = split_to_budget(level, tokens, budget, rows)
        groups = absorb_single(codes, tokens, budget, groups)
        return sorted(without_repeats(groups), key=lambda group: group.tolist())

    def _within(self, level: Rows, vectors: Vectors, tokens: Counts, budget: int, rows: Indices) -> list[Indices]:
        """The parts of a group, clustered again while they are over the budget and clustering makes progress."""
        if len(rows) < 2 or tokens[rows].sum() <= budget:
            return [rows]
        parts = self._two_passes(vectors, rows)
        stuck = len(parts) < 2 or max(map(len, parts)) > 0.9 * len(rows)
        if stuck or sum(map(len, parts)) > _MOST_COPIES * len(rows):
            return split_to_budget(level, tokens, budget, rows)
        return [group for part in parts for group in self._within(level, vectors, tokens, budget, part)]

    def _two_passes(self, vectors: Vectors, rows: Indices) -> list[Indices]:
        """Groups of `rows`: all of them clustered, then each group by itself."""
        return [
            part for group in self._soft(vectors, rows, None) for part in self._soft(vectors, group, _LOCAL_NEIGHBOURS)
        ]

    def _soft(self, vectors: Vectors, rows: Indices, neighbours: int | None) -> list[Indices]:
        if len(rows) < 2 * _LEAST_ROWS:  # too few for two components
            return [rows]
        points = self._reduction.points(vectors[rows], neighbours).astype(np.float64)
        # Far from zero, or at another scale, a variance can come out negative, because it is a difference of squares.
        centred = points - points.mean(axis=0)
        probabilities = self._posterior(centred / max(float(centred.std(axis=0).max()), 1e-6))
        member = probabilities > self._membership
        member[np.arange(len(rows)), probabilities.argmax(axis=1)] = True
        return [rows[column] for column in member.T if column.any()]

    def _posterior(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Posterior probabilities, shape (n, components), of the mixture with the lowest BIC."""
        SCIKIT_LEARN.use()
        from sklearn.mixture import GaussianMixture

        generator = np.random.default_rng(self._seed)
        sample = points
        if len(points) > _SAMPLE:
            sample = points[np.sort(generator.choice(len(points), _SAMPLE, replace=False))]
        distinct = len(np.unique(sample.round(6), axis=0))
        most = distinct // _LEAST_ROWS
        best, lowest = None, np.inf
        for components in [number for number in _COMPONENTS if number <= most] if most > 1 else []:
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


def mixtures_on_umap() -> GaussianMixtures:
    """The same on UMAP, as in the paper. Raises MissingExtraError."""
    return GaussianMixtures(reduction=umap_reduction())
