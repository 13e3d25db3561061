"""The score of a chunk: its similarity, its words, the chunks around it, and whether the question names its document.

Normalized scores are fused, not ranks: ranks lose how much better the first is than the second (Bruch et al., arXiv
2210.11934, section 4). A share of the scores of the chunks before and after a leaf is added, because an answer seldom
stands alone. The chunks of a document that the question names get a bonus that grows with how sure that is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..types import Hit, Node
from .base import Index, Query, matching, similar

_LOOK = 200
"""Candidates from similarity and from words, each. The last of them are near by neither measure and decide nothing."""
_SURROUNDED = 50
"""The best leaves whose neighbours are scored too, even if neither measure found these."""
_FETCH = 32
_NAMED = 0.2
"""Least sureness with which a document counts as named."""
_MOST_NAMED = 10
_FOREIGN_WORDS = 1.5
"""Least weight of words in a language that the embedder has not learned. With it hybrid equals or beats words alone
(tests/benchmarks/test_retrieval.py on XQuAD); with .4 it is up to .16 below."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of the other scores; similarity has weight 1."""

    words: float
    """Of the BM25 score. It and the similarity are in standard deviations."""
    neighbours: float = 0.5
    """Of the mean score of the leaves before and after."""
    names: float = 0.0
    """The bonus of a document that the question names for certain."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Leaves, best first."""

    ids: list[str]
    scores: NDArray[np.float64]
    """Shape (len(ids),), on the scale of cosines, so that scores of different questions can be compared."""
    ranks: Mapping[str, Mapping[str, int]]
    """Id -> its rank by similarity (`dense`) and by words (`words`), for the measures that found it."""
    nodes: Mapping[str, Node]
    """Nodes that had to be read for the ranking, by id."""

    def hits(self, index: Index) -> Iterator[Hit]:
        """Yield the leaves with their texts, which are read as the caller reads on."""
        for start in range(0, len(self.ids), _FETCH):
            part = self.ids[start : start + _FETCH]
            missing = [key for key in part if key not in self.nodes]
            found = {**self.nodes, **{node.id: node for node in index.nodes.get(missing)}}
            for key, score in zip(part, self.scores[start : start + _FETCH].tolist(), strict=True):
                if key in found:
                    yield Hit(found[key], score, self.ranks.get(key, {}))


@dataclass(frozen=True, slots=True)
class _Candidates:
    """The candidates that similarity and words find."""

    dense: list[tuple[str, float]]
    words: list[tuple[str, float]]
    unmatched: float
    """The highest word score that a leaf outside `words` can have; it is used as the score of those leaves."""
    nodes: dict[str, Node] | None
    """The candidates that pass the filter, if they had to be read for it, else None."""

    @property
    def ids(self) -> list[str]:
        """The ids of all candidates, each once."""
        return list(dict.fromkeys(key for key, _ in [*self.dense, *self.words]))


@dataclass(frozen=True, slots=True)
class _Scale:
    """Turns similarity and word scores into standard deviations above the mean of the candidates."""

    middle: float
    spread: float
    usual: float
    width: float
    words: float

    def fused(self, similarity: NDArray[np.float64], match: NDArray[np.float64]) -> list[float]:
        score = (similarity - self.middle) / self.spread + self.words * (match - self.usual) / self.width
        scores: list[float] = score.tolist()
        return scores


def rank_leaves(query: Query, index: Index, count: int, weights: Weights) -> Ranked:
    """Rank leaves by their fused scores: at least `count`, if the filter lets so many through."""
    if query.foreign:
        weights = replace(weights, words=max(weights.words, _FOREIGN_WORDS))
    found = _find(query, index, count)
    ids = found.ids
    if not ids:
        return Ranked([], np.zeros(0), {}, {})
    near, matched = dict(found.dense), dict(found.words)
    near |= _similarities([key for key in ids if key not in near], query, index)
    similarity = np.array([near[key] for key in ids])
    match = np.array([matched.get(key, found.unmatched) for key in ids])
    scale = _Scale(
        float(similarity.mean()),
        float(similarity.std()) or 1.0,
        float(match.mean()),
        float(match.std()) or 1.0,
        weights.words,
    )
    scores = dict(zip(ids, scale.fused(similarity, match), strict=True))
    nodes = found.nodes or {}
    if weights.neighbours:
        more, read = _surrounded(scores, scale, found.unmatched, weights.neighbours, query, index)
        scores, nodes = more, nodes | read
    if weights.names and query.named:
        scores = _with_names(scores, weights.names, query, index)
    order = list(index.copies.once(sorted(scores, key=lambda key: (-round(scores[key], 9), key)), str))
    unit = scale.spread / (1 + weights.words + weights.neighbours)
    fused = scale.middle + unit * np.array([scores[key] for key in order])
    return Ranked(order, fused, _ranks(found), nodes)


def _find(query: Query, index: Index, count: int) -> _Candidates:
    """The candidates; the search widens until enough of them pass the filter."""
    total = index.nodes.size(leaves=True)
    look = max(_LOOK, 2 * count)
    while True:
        dense = similar(query, index, look, leaves=True)
        words, are_all = matching(query, index, look, leaves=True)
        known = {key for key, _ in dense}
        dense += [pair for pair in _of_named(query, index) if pair[0] not in known]
        found = _Candidates(dense, words, 0.0 if are_all or not words else words[-1][1], None)
        if query.accept is None or query.filtered is not None:
            return found
        nodes = _accepted(found.ids, query, index)
        if look >= total or len(nodes) >= max(count, _SURROUNDED):
            return replace(
                found,
                dense=[pair for pair in dense if pair[0] in nodes],
                words=[pair for pair in words if pair[0] in nodes],
                nodes=nodes,
            )
        look *= 4


def _of_named(query: Query, index: Index) -> list[tuple[str, float]]:
    """The nearest chunks of documents that the question names and the filter lets through, with their cosines."""
    table = index.table
    if table is None or not query.named:
        return []
    sure = sorted((key for key, score in query.named.items() if score >= _NAMED), key=lambda key: -query.named[key])
    numbers = [table.document_of[key] for key in sure[:_MOST_NAMED] if key in table.document_of]
    rows = np.flatnonzero(np.isin(table.documents[: table.leaves], numbers))
    if query.filtered is not None:
        rows = np.intersect1d(rows, query.filtered.rows(leaves=True), assume_unique=True)
    return table.similar(rows, query.vector, _LOOK)


def _with_names(scores: dict[str, float], weight: float, query: Query, index: Index) -> dict[str, float]:
    """The scores, with the bonus for documents that the question names."""
    table = index.table
    if table is None:
        return scores
    bonus = {
        table.document_of[key]: weight * (score - _NAMED) / (1 - _NAMED)
        for key, score in query.named.items()
        if score >= _NAMED and key in table.document_of
    }
    return {key: score + bonus.get(int(table.documents[table.row_of[key]]), 0.0) for key, score in scores.items()}


def _ranks(found: _Candidates) -> dict[str, dict[str, int]]:
    ranks: dict[str, dict[str, int]] = {}
    for name, listed in (("dense", found.dense), ("words", found.words)):
        for rank, (key, _) in enumerate(listed, start=1):
            ranks.setdefault(key, {})[name] = rank
    return ranks


def _surrounded(
    own: dict[str, float], scale: _Scale, unmatched: float, weight: float, query: Query, index: Index
) -> tuple[dict[str, float], dict[str, Node]]:
    """The scores plus a share of those of the leaves before and after; leaves that only stand beside the best are
    scored too. The second value holds the nodes that had to be read for the filter."""
    best = sorted(own, key=lambda key: -own[key])[:_SURROUNDED]
    beside = dict(index.neighbours(list(own)))
    fresh = list(dict.fromkeys(key for one in best for key in beside.get(one, ()) if key not in own))
    read: dict[str, Node] = {}
    if query.filtered is not None:
        fresh = [key for key in fresh if key in query.filtered]
    elif query.accept is not None:
        read = _accepted(fresh, query, index)
        fresh = list(read)
    if fresh:
        beside |= index.neighbours(fresh)
        close = _similarities(fresh, query, index)
        more = scale.fused(np.array([close[key] for key in fresh]), np.full(len(fresh), unmatched))
        own = own | dict(zip(fresh, more, strict=True))
    lowest = min(own.values())
    scores = {}
    for key, score in own.items():
        others = beside.get(key) or (key,)
        scores[key] = score + weight * sum([own.get(other, lowest) for other in others]) / len(others)
    return scores, read


def _accepted(ids: Sequence[str], query: Query, index: Index) -> dict[str, Node]:
    """The nodes that the filter lets through."""
    return {node.id: node for node in index.nodes.get(list(ids)) if query.accepts(node)}


def _similarities(ids: Sequence[str], query: Query, index: Index) -> dict[str, float]:
    if not ids:
        return {}
    return dict(zip(ids, (index.nodes.vectors(ids) @ query.vector).tolist(), strict=True))
