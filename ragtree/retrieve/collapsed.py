"""All levels at once (RAPTOR, arXiv 2401.18059, section 3: collapsed tree retrieval)."""

from __future__ import annotations

from heapq import merge

from ..types import Hit
from .base import Index, Limit, Query, nearest, pack


class Collapsed:
    """The nearest nodes of any level, up to the token budget."""

    def retrieve(self, query: Query, index: Index, limit: Limit) -> list[Hit]:
        leaves = nearest(query, index, limit, leaves=True, name="leaves")
        summaries = nearest(query, index, limit, leaves=False, name="summaries")
        return pack(merge(leaves, summaries, key=lambda hit: -hit.score), limit, index.copies)
