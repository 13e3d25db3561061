"""Questions about the whole: what is chosen has to say, in few tokens, what stands in many places.

A budgeted maximum coverage of the words that the texts share, greedily by gain for the tokens spent (Lin and Bilmes,
"A class of submodular functions for document summarization", ACL 2011). Summaries and leaves compete; what a summary
has said its leaves need not say again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..terms import content_words, is_unspaced, stem, terms
from ..types import Hit, Node
from .base import Index, Limit, Query, similar
from .fusion import Weights, rank_leaves

_LOOK = 400
"""Leaves, and summaries, that compete; of more the most relevant ones."""
_POWER = 0.8
"""Exponent of the tokens that a gain is divided by: at 1 many short nodes win, at 0 the longest do."""
_RELEVANCE = 0.5
"""How much a standard deviation of relevance counts where there are several documents."""


class Broad:
    """Nodes of any level that cover the most of what is told, best first; their scores are their gains."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights

    def retrieve(self, query: Query, index: Index, limit: Limit) -> list[Hit]:
        ranked = rank_leaves(query, index, _LOOK, self._weights)
        leaves = [hit.node for hit, _ in zip(ranked.hits(index), range(_LOOK), strict=False)]
        found = similar(query, index.nodes, _LOOK, leaves=False)
        summaries = [node for node in index.nodes.get([key for key, _ in found]) if query.accepts(node)]
        nodes = [*leaves, *summaries]
        if len({leaf.document_id for leaf in leaves}) > 1:
            near = dict(found)
            relevance = [*ranked.scores[: len(leaves)].tolist(), *(near[node.id] for node in summaries)]
            spread = float(np.std(relevance)) or 1.0
            trust = np.exp(_RELEVANCE * (np.array(relevance) - np.mean(relevance)) / spread)
        else:
            trust = np.ones(len(nodes))
        return _covering(nodes, trust, limit, [number < len(leaves) for number in range(len(nodes))])


def _covering(nodes: Sequence[Node], trust: NDArray[np.float64], limit: Limit, is_leaf: Sequence[bool]) -> list[Hit]:
    """The greedy choice; `trust` is what each node's gain is multiplied by, shape (len(nodes),)."""
    rows, weights = _word_rows(nodes, is_leaf)
    cost = np.array([max(1, node.tokens) for node in nodes], dtype=np.float64)
    left = math.inf if limit.tokens is None else float(limit.tokens)
    chosen: list[Hit] = []
    is_open = np.ones(len(nodes), dtype=bool)
    first = 0.0
    while len(chosen) < (len(nodes) if limit.hits is None else limit.hits):
        is_open &= cost <= left
        gains = np.where(is_open, (rows @ weights) * trust / cost**_POWER, -1.0)
        best = int(gains.argmax()) if len(gains) else 0
        if not len(gains) or gains[best] <= 0:
            break
        first = first or float(gains[best])
        chosen.append(Hit(nodes[best], float(gains[best]) / first, {"coverage": len(chosen) + 1}))
        is_open[best] = False
        left -= cost[best]
        weights = weights * (1 - rows[best])
    return chosen


def _word_rows(nodes: Sequence[Node], is_leaf: Sequence[bool]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Which words stand in which node, shape (nodes, words), and how much each word weighs: by its leaves."""
    found = [_words(node.text) for node in nodes]
    column = {word: number for number, word in enumerate(sorted(set().union(*found)))}
    rows = np.zeros((len(nodes), len(column)))
    for row, words in zip(rows, found, strict=True):
        row[[column[word] for word in words]] = 1.0
    return rows, np.log1p(rows[np.array(is_leaf, dtype=bool)].sum(axis=0))


def _words(text: str) -> set[str]:
    """What a text speaks of. Crude stems, which bring a word's relatives together, cover more than careful ones."""
    return set(terms(text)) if is_unspaced(text) else {stem(word) for word in content_words(text)}
