"""Down the tree, level by level (RAPTOR, arXiv 2401.18059, section 3: tree traversal retrieval)."""

from __future__ import annotations

from itertools import islice

from ..types import Hit
from .base import Index, Limit, Query, pack

BEAM = 5
"""Nodes that are kept at each level: the paper's top-k."""


class Traverse:
    """The `beam` best nodes of the highest level, the `beam` best of their children, and so on.

    As in the paper, the nodes chosen at every level are the result. They are packed best first.
    """

    def __init__(self, beam: int = BEAM) -> None:
        self._beam = beam

    def retrieve(self, query: Query, index: Index, limit: Limit) -> list[Hit]:
        hits: list[Hit] = []
        level = list(index.top)
        while level:
            scores = index.nodes.vectors(level) @ query.vector
            nodes = {node.id: node for node in index.nodes.get(level)}
            ranked = sorted(
                ((nodes[key], float(score)) for key, score in zip(level, scores, strict=True) if key in nodes),
                key=lambda pair: (-pair[1], pair[0].id),
            )
            open_ones = (pair for pair in ranked if pair[0].level > 0 or query.accepts(pair[0]))
            chosen = list(islice(index.copies.once(open_ones, lambda pair: pair[0].id), self._beam))
            hits.extend(
                Hit(node, score, {f"level {node.level}": rank})
                for rank, (node, score) in enumerate(chosen, start=1)
                if query.accepts(node)
            )
            level = list(dict.fromkeys(child for node, _ in chosen for child in node.children))
        return pack(sorted(hits, key=lambda hit: -hit.score), limit, index.copies)
