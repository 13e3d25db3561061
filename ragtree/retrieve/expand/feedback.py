"""Pseudo-relevance feedback in vector space: the first hits are added to the query (Rocchio 1971; with the vectors of
dense retrieval, as here, "Pseudo relevance feedback with deep language models and dense retrievers", arXiv 2108.11044).
"""

from __future__ import annotations

from dataclasses import replace

from ...embed.base import unit_rows
from ...types import Hit
from ..base import Index, Limit, Query, Retriever

_WEIGHT = 0.5
"""Weight of the mean vector of the first hits; the question has 1."""


class Feedback:
    """Searches with the question's vector plus half the mean vector of the first `count` leaves."""

    def __init__(self, inner: Retriever, count: int) -> None:
        self._inner = inner
        self._count = count

    def retrieve(self, query: Query, index: Index, limit: Limit) -> list[Hit]:
        first = self._inner.retrieve(query, index, Limit(hits=self._count))
        if first:
            mean = index.nodes.vectors([hit.node.id for hit in first]).mean(axis=0)
            query = replace(query, vector=unit_rows(query.vector + _WEIGHT * mean)[0])
        return self._inner.retrieve(query, index, limit)
