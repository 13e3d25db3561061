"""Overviews: chooses nodes that say in few tokens what is said in many places (`cover`).

Summaries and leaves compete. The leaves of a chosen summary gain nothing by what it has said already.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import islice

import numpy as np

from ..text.covering import cover, topic_terms, word_rows
from ..types import Hit
from .base import Index, Limit, Query, similar
from .filtered_nodes import limit_to_documents
from .fusion import Weights, rank_leaves

_LOOK = 400
"""The most relevant leaves, and as many summaries, that compete."""
_POWER = 0.8
"""A gain is divided by the number of tokens to this power: at 1 many short nodes win, at 0 the longest ones."""
_SURE = 0.7
"""Least sureness with which a named document limits the overview to the documents named."""
_RELEVANCE = 0.5
"""Weight of one standard deviation of relevance, if there are several documents."""


class Broad:
    """Nodes of any level that together say the most, best first. Scores are gains, as shares of the first gain."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights

    def retrieve(self, query: Query, index: Index, limit: Limit) -> list[Hit]:
        query = _of_named(query, index)
        ranked = rank_leaves(query, index, _LOOK, self._weights)
        leaves = [hit.node for hit, _ in zip(ranked.hits(index), range(_LOOK), strict=False)]
        found = similar(query, index, _LOOK, leaves=False)
        summaries = [node for node in index.nodes.get([key for key, _ in found]) if query.accepts(node)]
        nodes = [*leaves, *summaries]
        if len({leaf.document_id for leaf in leaves}) > 1:
            near = dict(found)
            relevance = [*ranked.scores[: len(leaves)].tolist(), *(near[node.id] for node in summaries)]
            spread = float(np.std(relevance)) or 1.0
            trust = np.exp(_RELEVANCE * (np.array(relevance) - np.mean(relevance)) / spread)
        else:
            trust = np.ones(len(nodes))
        rows = word_rows([topic_terms(node.text) for node in nodes])
        weights = np.log1p(rows[: len(leaves)].sum(axis=0))
        budget = math.inf if limit.tokens is None else limit.tokens
        chosen = islice(cover(rows, weights, [node.tokens for node in nodes], budget, _POWER, trust), limit.hits)
        first = 0.0
        hits = []
        for rank, (number, gain) in enumerate(chosen, start=1):
            first = first or gain
            hits.append(Hit(nodes[number], gain / first, {"coverage": rank}))
        return hits


def _of_named(query: Query, index: Index) -> Query:
    """The query, restricted to documents that it surely names: "Summarize PEP 249" is about that one alone."""
    table = index.table
    sure = [key for key, score in query.named.items() if score >= _SURE]
    if table is None or not sure:
        return query
    inside = limit_to_documents(table, sure, query.filtered)
    if not len(inside.rows(leaves=True)):
        return query
    return replace(query, filtered=inside, accept=lambda node: node.id in inside)
