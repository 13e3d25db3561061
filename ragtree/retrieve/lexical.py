"""Leaves by their words alone: BM25 (Robertson and Zaragoza, 2009)."""

from __future__ import annotations

from collections.abc import Iterator

from ..types import Hit
from .base import Index, Limit, Query, matching, pack

_FIRST_LOOK = 64


class Lexical:
    """The leaves that share the most telling words with the question. A leaf that shares none is not found."""

    def retrieve(self, query: Query, index: Index, limit: Limit) -> list[Hit]:
        return pack(_matching(query, index, limit), limit, index.copies)


def _matching(query: Query, index: Index, limit: Limit) -> Iterator[Hit]:
    """Yield hits, best first; the search widens as long as the caller reads on."""
    look, rank = max(_FIRST_LOOK, limit.hits or 0), 0
    seen: set[str] = set()
    while True:
        found, are_all = matching(query, index, look, leaves=True)
        fresh = [pair for pair in found if pair[0] not in seen]
        nodes = {node.id: node for node in index.nodes.get([key for key, _ in fresh])}
        for key, score in fresh:
            node = nodes.get(key)
            if node is not None and query.accepts(node):
                rank += 1
                yield Hit(node, score, {"words": rank})
        if are_all:
            return
        seen.update(key for key, _ in fresh)
        look *= 4
