"""Several queries from one: the language model rewords the question, and the hits of all are fused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ...types import Hit, Vectors
from ..base import Index, Limit, Query, Retriever, pack_before
from .query_writer import QueryWriter, lines_of

DEPTH = 100
"""Least number of hits of each query that are fused."""
_TOKENS_OF_A_QUESTION = 40


class Rewordings:
    """Ranks hits by their mean score over all queries; the question itself counts as much as the others together.

    A hit that a query did not find gets its lowest score. `embed_query` returns a question's vector, shape (dim,).
    """

    def __init__(
        self, inner: Retriever, writer: QueryWriter, embed_query: Callable[[str], Vectors], count: int
    ) -> None:
        self._inner = inner
        self._writer = writer
        self._embed_query = embed_query
        self._count = count

    def retrieve(self, query: Query, index: Index, limit: Limit) -> list[Hit]:
        said = self._writer.write(
            "several",
            "retrieve.expand = several",
            _TOKENS_OF_A_QUESTION * self._count,
            question=query.text,
            count=str(self._count),
        )
        queries = [query]
        for text in lines_of(said)[: self._count]:
            queries.append(replace(query, text=text, vector=self._embed_query(text)))
        depth = Limit(hits=max(DEPTH, limit.hits or 0))
        lists = [self._inner.retrieve(one, index, depth) for one in queries]
        others = max(1, len(lists) - 1)
        weights = [1.0, *[1 / others] * (len(lists) - 1)]
        found = averaged(lists, weights)
        return pack_before(found, lambda: self._inner.retrieve(query, index, limit), limit, index.copies)


def averaged(lists: Sequence[Sequence[Hit]], weights: Sequence[float]) -> list[Hit]:
    """All hits of the lists, best first, by the weighted mean of their scores; empty lists are left out."""
    told = [(found, weight) for found, weight in zip(lists, weights, strict=True) if found]
    total = sum(weight for _, weight in told)
    hits = {hit.node.id: hit for found, _ in reversed(told) for hit in found}
    scores = dict.fromkeys(hits, 0.0)
    for found, weight in told:
        own = {hit.node.id: hit.score for hit in found}
        lowest = min(own.values())
        for key in scores:
            scores[key] += weight * own.get(key, lowest) / total
    order = sorted(hits, key=lambda key: (-round(scores[key], 9), key))
    return [replace(hits[key], score=scores[key], ranks=ranks_in(key, lists, hits[key])) for key in order]


def ranks_in(key: str, lists: Sequence[Sequence[Hit]], hit: Hit) -> dict[str, int]:
    """The ranks of a hit, and its ranks in the lists of the further questions."""
    ranks = dict(hit.ranks)
    for number, found in enumerate(lists[1:], start=2):
        for rank, other in enumerate(found, start=1):
            if other.node.id == key:
                ranks[f"question {number}"] = rank
    return ranks
