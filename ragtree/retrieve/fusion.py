"""Similarity, words and surroundings of a leaf, as one score.

Scores are fused after normalization and not ranks: how much better the first is than the second is what ranks forget
(Bruch et al., arXiv 2210.11934, section 4). A share of the scores of the chunks before and after a leaf is added: what
answers a question seldom stands alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..types import Hit, Node
from .base import Index, Query

_LOOK = 200
"""Leaves that similarity and words each bring forward: those among them that neither finds near decide nothing."""
_SURROUNDED = 50
"""Leaves whose neighbours are looked at even where nothing brought them forward."""
_FETCH = 32
_FOREIGN_WORDS = 1.5
"""Least weight of words in a language that the embedder has not learned: there hybrid is level with words alone or
above (tests/benchmarks/test_retrieval.py on XQuAD), and .4 is up to .16 below."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts beside similarity, which counts 1."""

    words: float
    """Of the BM25 score, both in standard deviations."""
    neighbours: float
    """Of the mean score of the leaves before and after."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Leaves, best first."""

    ids: list[str]
    scores: NDArray[np.float64]
    """Shape (len(ids),), on the scale of cosines, so that one question's can be held against another's."""
    ranks: Mapping[str, Mapping[str, int]]
    """By id: its rank by similarity (`dense`) and by words (`words`), where these brought it forward."""
    nodes: Mapping[str, Node]
    """Those that had to be read on the way."""

    def hits(self, index: Index) -> Iterator[Hit]:
        """The leaves with their texts, read as far as one reads on."""
        for start in range(0, len(self.ids), _FETCH):
            part = self.ids[start : start + _FETCH]
            missing = [key for key in part if key not in self.nodes]
            found = {**self.nodes, **{node.id: node for node in index.nodes.get(missing)}}
            for key, score in zip(part, self.scores[start : start + _FETCH].tolist(), strict=True):
                if key in found:
                    yield Hit(found[key], score, self.ranks.get(key, {}))


def rank_leaves(query: Query, index: Index, count: int, weights: Weights) -> Ranked:
    """At least `count` leaves, where there are so many that the filter lets through."""
    if query.foreign:
        weights = replace(weights, words=max(weights.words, _FOREIGN_WORDS))
    total = index.nodes.size(leaves=True)
    look = max(_LOOK, 2 * count)
    while True:
        dense = index.nodes.search(query.vector, look, leaves=True)
        words = index.words.search(query.text, look, leaves=True)
        ids = list(dict.fromkeys(key for key, _ in [*dense, *words]))
        nodes = _accepted(ids, query, index)
        if nodes is not None:
            ids = [key for key in ids if key in nodes]
        if look >= total or len(ids) >= (look if nodes is None else max(count, _SURROUNDED)):
            break
        look *= 4
    if not ids:
        return Ranked([], np.zeros(0), {}, {})
    near, matched = dict(dense), dict(words)
    ranks: dict[str, dict[str, int]] = {}
    for name, found in (("dense", dense), ("words", words)):
        for rank, (key, _) in enumerate((pair for pair in found if nodes is None or pair[0] in nodes), start=1):
            ranks.setdefault(key, {})[name] = rank
    near |= _similarities([key for key in ids if key not in near], query, index)
    unmatched = words[-1][1] if len(words) >= look else 0.0
    similarity = np.array([near[key] for key in ids])
    match = np.array([matched.get(key, unmatched) for key in ids])
    middle, spread = float(similarity.mean()), float(similarity.std()) or 1.0
    wordy = (float(match.mean()), float(match.std()) or 1.0)

    def fused(similarity: NDArray[np.float64], match: NDArray[np.float64]) -> NDArray[np.float64]:
        return (similarity - middle) / spread + weights.words * (match - wordy[0]) / wordy[1]

    scores = dict(zip(ids, fused(similarity, match).tolist(), strict=True))
    if weights.neighbours:
        best = sorted(ids, key=lambda key: -scores[key])[:_SURROUNDED]
        beside = dict(index.neighbours(ids))
        fresh = list(dict.fromkeys(key for one in best for key in beside.get(one, ()) if key not in scores))
        accepted = _accepted(fresh, query, index)
        if accepted is not None and nodes is not None:
            nodes |= accepted
            fresh = [key for key in fresh if key in accepted]
        if fresh:
            beside |= index.neighbours(fresh)
            close = _similarities(fresh, query, index)
            more = fused(np.array([close[key] for key in fresh]), np.full(len(fresh), unmatched))
            scores |= dict(zip(fresh, more.tolist(), strict=True))
        lowest = min(scores.values())
        scores = {
            key: score
            + weights.neighbours
            * float(np.mean([scores.get(other, lowest) for other in beside.get(key, ()) or (key,)]))
            for key, score in scores.items()
        }
    order = sorted(scores, key=lambda key: (-round(scores[key], 9), key))
    scale = spread / (1 + weights.words + weights.neighbours)
    return Ranked(order, middle + scale * np.array([scores[key] for key in order]), ranks, nodes or {})


def _accepted(ids: Sequence[str], query: Query, index: Index) -> dict[str, Node] | None:
    """The nodes that the filter lets through; None where there is no filter, and nothing was read."""
    if query.accept is None:
        return None
    return {node.id: node for node in index.nodes.get(list(ids)) if query.accepts(node)}


def _similarities(ids: Sequence[str], query: Query, index: Index) -> dict[str, float]:
    if not ids:
        return {}
    return dict(zip(ids, (index.nodes.vectors(ids) @ query.vector).tolist(), strict=True))
