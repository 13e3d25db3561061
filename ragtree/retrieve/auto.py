"""Chooses by the question: leaves for what one place answers, the whole tree for overviews."""

from __future__ import annotations

from ..types import Hit
from .base import Index, Limit, Query, Retriever


class Auto:
    """Passes broad questions to one retriever, all others to another."""

    def __init__(self, narrow: Retriever, broad: Retriever) -> None:
        self._narrow = narrow
        self._broad = broad

    def retrieve(self, query: Query, index: Index, limit: Limit) -> list[Hit]:
        way = self._broad if query.broad else self._narrow
        return way.retrieve(query, index, limit)
