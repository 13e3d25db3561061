"""By the question: leaves for what stands somewhere, the tree for what stands everywhere."""

from __future__ import annotations

from ..types import Hit
from .base import Index, Limit, Query, Retriever


class Auto:
    """Broad questions go one way, all others the other."""

    def __init__(self, narrow: Retriever, broad: Retriever) -> None:
        self._narrow = narrow
        self._broad = broad

    def retrieve(self, query: Query, index: Index, limit: Limit) -> list[Hit]:
        way = self._broad if query.broad else self._narrow
        return way.retrieve(query, index, limit)
