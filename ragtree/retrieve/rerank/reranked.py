"""Sorts the first hits of a retriever again, with a reranker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ...errors import ModelError
from ...types import Hit
from ..base import Index, Limit, Query, Reranker, Retriever, pack_before


class Reranked:
    """The first `candidates` hits of another retriever in a new order, followed by its other hits.

    `share` is how much of the order the reranker decides, 0 to 1; None takes the reranker's own share.
    """

    def __init__(self, inner: Retriever, reranker: Reranker, candidates: int, share: float | None = None) -> None:
        self._inner = inner
        self._reranker = reranker
        self._candidates = candidates
        self._share = reranker.share if share is None else share

    def retrieve(self, query: Query, index: Index, limit: Limit) -> list[Hit]:
        found = self._inner.retrieve(query, index, Limit(hits=self._candidates))
        if len(found) > 1:
            found = reordered(found, self._reranker.rank(query.text, [hit.node for hit in found]), self._share)
        return pack_before(found, lambda: self._inner.retrieve(query, index, limit), limit, index.copies)


def reordered(hits: Sequence[Hit], scores: NDArray[np.float64], share: float) -> list[Hit]:
    """The hits, sorted by `share` of these scores plus the rest of their own, both in standard deviations.

    Their old scores are assigned anew, the highest to the first. So scores stay on the scale of the mode, on which an
    answer compares them with similarities, whatever scale the reranker has. Raises ModelError for scores that are not
    finite.
    """
    if not np.isfinite(scores).all():
        raise ModelError("the reranker returned scores that are not finite numbers; choose another for retrieve.rerank")
    own = np.array([hit.score for hit in hits])
    mixed = (1 - share) * _standardized(own) + share * _standardized(scores)
    order = sorted(range(len(hits)), key=lambda row: (-round(float(mixed[row]), 9), row))
    dealt = np.sort(own)[::-1].tolist()
    return [
        replace(hits[row], score=score, ranks={**hits[row].ranks, "rerank": rank})
        for rank, (row, score) in enumerate(zip(order, dealt, strict=True), start=1)
    ]


def _standardized(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    spread = float(scores.std())
    result: NDArray[np.float64] = (scores - scores.mean()) / (spread if spread > 1e-12 else 1.0)
    return result
