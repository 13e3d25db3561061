"""Chunks alone, by similarity: the flat index that a tree has to beat."""

from __future__ import annotations

from ..types import Hit
from .base import Index, Limit, Query, nearest, pack


class Leaves:
    """The nearest leaves."""

    def retrieve(self, query: Query, index: Index, limit: Limit) -> list[Hit]:
        return pack(nearest(query, index, limit, leaves=True, name="leaves"), limit, index.copies)
