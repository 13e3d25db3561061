"""Chunks alone, by similarity: the flat index that a tree has to beat."""

from __future__ import annotations

from collections.abc import Sequence

from ..store.base import NodeStore
from ..types import Hit
from .base import Limit, Query, nearest, pack


class Leaves:
    """The nearest leaves."""

    def retrieve(self, query: Query, store: NodeStore, top: Sequence[str], limit: Limit) -> list[Hit]:
        return pack(nearest(query, store, limit, leaves=True, name="leaves"), limit)
