"""Measures how much another embedder changes: two sets of vectors of the same texts, and what they find.

Caspari et al., Beyond Benchmarks: Evaluating Embedding Model Similarity for Retrieval Augmented Generation (2024,
arXiv 2407.08275), section 3: centered kernel alignment compares the vectors, Jaccard and rank similarity compare what
is found with them. None of them says which embedder is better; that takes questions with their proofs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..embed.base import Embedder
from ..errors import DatasetError
from ..types import OnProgress, Progress, Vectors, no_progress

Ranking = NDArray[np.intp]
"""Row numbers of texts, nearest first, shape (queries, k); none occurs twice for a query."""
Floats = NDArray[np.float64]

_ROWS = 4096
_BLOCK = 2_000_000
"""Similarities that are in memory at once."""


class Changed(NamedTuple):
    """A query, and the row numbers of the texts that each embedder finds for it, nearest first."""

    query: int
    jaccard: float
    first: tuple[int, ...]
    second: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class EmbedderComparison:
    """Two embedders on the same texts and queries."""

    first: str
    second: str
    """Names of the embedders."""
    dimensions: tuple[int, int]
    texts: int
    """Number of distinct texts."""
    k: int
    cka: float
    """Centered kernel alignment of the texts' vectors, 0 to 1."""
    jaccard: Floats
    """Jaccard similarity of what each query finds, shape (queries,)."""
    rank_similarity: Floats
    """Shape (queries,)."""
    same_top: float
    """Share of the queries whose nearest text is the same."""
    found_first: Ranking
    found_second: Ranking
    """What each query finds, shape (queries, k)."""

    def most_changed(self, count: int = 10) -> tuple[Changed, ...]:
        """The queries whose texts differ most, those with the least in common first."""
        order = np.lexsort((self.rank_similarity, self.jaccard))[:count]
        return tuple(
            Changed(
                int(query),
                float(self.jaccard[query]),
                tuple(self.found_first[query].tolist()),
                tuple(self.found_second[query].tolist()),
            )
            for query in order
        )


def compare_embedders(
    first: Embedder,
    second: Embedder,
    texts: Sequence[str],
    queries: Sequence[str],
    k: int = 10,
    progress: OnProgress = no_progress,
) -> EmbedderComparison:
    """Embed texts and queries with both, and compare the vectors and the k nearest texts of every query.

    A repeated text counts once, as its first row; otherwise the order of equal texts would look like a change. If there
    are fewer than k texts, all are found. Raises DatasetError without texts or queries, and what the embedders raise.
    """
    if not texts or not queries or k < 1:
        raise DatasetError(
            f"there are {len(texts)} texts and {len(queries)} queries, and k is {k}; two embedders are compared by "
            "what at least one query finds among at least one text"
        )
    first_rows: dict[str, int] = {}
    for row, text in enumerate(texts):
        first_rows.setdefault(text, row)
    distinct = np.array(list(first_rows.values()), dtype=np.intp)
    vectors, found = [], []
    for number, embedder in enumerate((first, second)):
        embedded = embedder.embed(list(first_rows), _half_of(progress, number, len(distinct)))
        asked = np.stack([embedder.embed_query(query) for query in queries])
        vectors.append(embedded)
        found.append(distinct[nearest(asked, embedded, k)])
    return EmbedderComparison(
        first=first.name,
        second=second.name,
        dimensions=(first.dimension, second.dimension),
        texts=len(distinct),
        k=found[0].shape[1],
        cka=linear_cka(vectors[0], vectors[1]),
        jaccard=jaccard_at(found[0], found[1], k),
        rank_similarity=rank_similarity_at(found[0], found[1], k),
        same_top=float(np.mean(found[0][:, 0] == found[1][:, 0])),
        found_first=found[0],
        found_second=found[1],
    )


def linear_cka(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """Centered kernel alignment of two sets of vectors of the same n texts, (n, d1) and (n, d2): 0 to 1.

    Kornblith et al., Similarity of Neural Network Representations Revisited (2019, arXiv 1905.00414), section 3, in the
    form over features, so that memory grows with d1 * d2 and not with n * n. It is 1 if one set is a rotation, a
    scaling or a shift of the other. Unrelated vectors have about d / (n + d) and not 0, so compare over many more texts
    than dimensions. If all vectors of a set are the same, there is nothing to align: 1 if that holds for both, else 0.

    Raises DatasetError if the numbers of vectors differ or are 0.
    """
    _check_lengths(first, second, "vectors")
    centre_first, centre_second = first.mean(axis=0, dtype=np.float64), second.mean(axis=0, dtype=np.float64)
    own_first = np.zeros((first.shape[1], first.shape[1]))
    own_second = np.zeros((second.shape[1], second.shape[1]))
    shared = np.zeros((first.shape[1], second.shape[1]))
    for start in range(0, len(first), _ROWS):
        left = first[start : start + _ROWS] - centre_first
        right = second[start : start + _ROWS] - centre_second
        own_first += left.T @ left
        own_second += right.T @ right
        shared += left.T @ right
    # Equal rows differ from their mean by rounding errors, which are no structure.
    still = [
        float(own.diagonal().sum()) <= 1e-12 * len(first) * float(centre @ centre)
        for own, centre in ((own_first, centre_first), (own_second, centre_second))
    ]
    if any(still):
        return float(all(still))
    alignment = np.linalg.norm(shared) ** 2 / (np.linalg.norm(own_first) * np.linalg.norm(own_second))
    return min(1.0, float(alignment))


def jaccard_at(first: Ranking, second: Ranking, k: int) -> Floats:
    """The Jaccard similarity of the first k of two rankings (queries, >= k): what both have, as a share of what either
    has, shape (queries,).

    Raises DatasetError if the numbers of queries differ or are 0.
    """
    _check_lengths(first, second, "queries")
    shares = np.empty(len(first))
    for query, (one, other) in enumerate(zip(first[:, :k], second[:, :k], strict=True)):
        common = len(np.intersect1d(one, other, assume_unique=True))
        shares[query] = common / (len(one) + len(other) - common)
    return shares


def rank_similarity_at(first: Ranking, second: Ranking, k: int) -> Floats:
    """How similarly the first k of two rankings (queries, >= k) order the texts that both have: (queries,), 0 to 1.

    A text at ranks r and s counts 2 / ((1 + |r - s|) (r + s)), divided by what the shared texts would count if both
    had them first in the same order (a harmonic number): the nearest texts weigh most. 0 if no text is shared, and 1 if
    the shared texts come first in the same order, however few they are: read it beside the Jaccard similarity.
    Caspari et al. (2024), section 3.2, after Wang et al., Towards Understanding the Instability of Network Embedding
    (2020).

    Raises DatasetError if the numbers of queries differ or are 0.
    """
    _check_lengths(first, second, "queries")
    similarities = np.zeros(len(first))
    for query, (one, other) in enumerate(zip(first[:, :k], second[:, :k], strict=True)):
        common, rank, other_rank = np.intersect1d(one, other, assume_unique=True, return_indices=True)
        if len(common):
            weights = 2 / ((1 + np.abs(rank - other_rank)) * (rank + other_rank + 2))
            similarities[query] = weights.sum() / (1 / np.arange(1, len(common) + 1)).sum()
    return np.minimum(1, similarities)


def nearest(queries: Vectors, texts: Vectors, k: int) -> Ranking:
    """The row numbers of the k texts (n, dim) with the largest inner products with each query (m, dim): (m, min(k, n)).

    Of equally near texts the earlier one comes first. Holds a block of queries at once, never all m * n similarities.
    """
    k = max(0, min(k, len(texts)))
    found = np.empty((len(queries), k), dtype=np.intp)
    if k == 0:
        return found
    block = max(1, _BLOCK // len(texts))
    for start in range(0, len(queries), block):
        similarity = queries[start : start + block] @ texts.T
        least = np.partition(similarity, -k, axis=1)[:, -k]
        for number, (row, bound) in enumerate(zip(similarity, least, strict=True), start=start):
            near = np.flatnonzero(row >= bound)
            found[number] = near[np.argsort(-row[near], kind="stable")[:k]]
    return found


def _check_lengths(first: NDArray[np.generic], second: NDArray[np.generic], what: str) -> None:
    if len(first) != len(second) or not len(first):
        raise DatasetError(
            f"first has {len(first)} {what}, second has {len(second)}; they are compared one by one, so both need the "
            "same ones, and at least one"
        )


def _half_of(progress: OnProgress, half: int, total: int) -> OnProgress:
    """Progress of one of two embedders as part of the whole."""
    return lambda step: progress(Progress(step.stage, half * total + step.done, 2 * total))
