"""All levels at once (RAPTOR, arXiv 2401.18059, section 3: collapsed tree retrieval)."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import merge

from ..store.base import NodeStore
from ..types import Hit
from .base import Limit, Query, nearest, pack


class Collapsed:
    """The nearest nodes of any level, up to the token budget."""

    def retrieve(self, query: Query, store: NodeStore, top: Sequence[str], limit: Limit) -> list[Hit]:
        leaves = nearest(query, store, limit, leaves=True, name="leaves")
        summaries = nearest(query, store, limit, leaves=False, name="summaries")
        return pack(merge(leaves, summaries, key=lambda hit: -hit.score), limit)
