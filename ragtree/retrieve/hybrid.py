"""Leaves by similarity, words, neighbouring leaves and named documents together."""

from __future__ import annotations

from ..types import Hit
from .base import Index, Limit, Query, pack
from .fusion import Weights, rank_leaves


class Hybrid:
    """The best leaves by their fused score."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights

    def retrieve(self, query: Query, index: Index, limit: Limit) -> list[Hit]:
        return pack(rank_leaves(query, index, limit.hits or 0, self._weights).hits(index), limit, index.copies)
