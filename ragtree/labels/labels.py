"""Short labels for groups, by the terms that set each apart: class-based TF-IDF (BERTopic, arXiv 2203.05794, 3.3).

A group is a class, and its terms are weighted against those of its siblings, because in a table of contents it is read
beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..text.injections import without_orders
from ..text.languages import AUTO
from ..types import Node
from .counts import Terms, terms_of
from .vocabulary import same_family

Weighting = Literal["level", "siblings", "share"]
"""What a term's count is multiplied by. `level`: how rare it is on the level, as in BERTopic. `siblings`: how rare it
is among the siblings. `share`: the same, times the root of the group's share of its occurrences among the siblings.
With `share`, the bundled embedder finds 93 to 99 % of the groups among their siblings, with `level` 90 to 92 %, and 91
to 98 % of a label's words are in no sibling's label, against 81 to 91 % (tests/benchmarks/test_label_quality.py)."""

_TERMS = 4
_LOOKED_AT = 40
"""Terms of a group that are considered, those with the most weight."""
_PAIR = 0.5
"""If at least this share of a word's occurrences in a group is in one pair, the pair replaces the word."""
_WIDTH = 60
"""Most characters of a label, unless its first term is longer."""


def with_labels(nodes: Sequence[Node], language: str = AUTO, weighting: Weighting = "share") -> list[Node]:
    """The same nodes (leaves first, then level by level), those above the leaves with a label of a few terms.

    Takes time linear in the texts of the leaves.
    """
    levels = _levels(nodes)
    if len(levels) < 2:
        return list(nodes)
    terms = terms_of([without_orders(leaf.text, language) for leaf in levels[0]], language)
    labels: dict[str, str] = {}
    counts = terms.counts
    tables = []
    for below, level in pairwise(levels):
        counts = _members(below, level) @ counts
        tables.append(counts)
    for number, (level, table) in enumerate(zip(levels[1:], tables, strict=True), start=1):
        above = levels[number + 1] if number + 1 < len(levels) else []
        weights = _weighed(table, _parents(level, above), weighting)
        for node, best in zip(level, weights, strict=True):
            labels[node.id] = _label(best, terms)
    return [replace(node, label=labels[node.id]) if node.level else node for node in nodes]


def _levels(nodes: Sequence[Node]) -> list[list[Node]]:
    levels: list[list[Node]] = [[] for _ in range(max((node.level for node in nodes), default=-1) + 1)]
    for node in nodes:
        levels[node.level].append(node)
    return levels


def _members(below: Sequence[Node], level: Sequence[Node]) -> Any:
    """Which nodes of the level below are in which group, a CSR matrix (groups, nodes below) of ones."""
    from scipy.sparse import csr_matrix

    row_of = {node.id: row for row, node in enumerate(below)}
    columns = [row_of[child] for node in level for child in node.children]
    starts = np.cumsum([0, *(len(node.children) for node in level)])
    return csr_matrix((np.ones(len(columns), dtype=np.int32), columns, starts), shape=(len(level), len(below)))


def _parents(level: Sequence[Node], above: Sequence[Node]) -> NDArray[np.intp]:
    """The index in `above` of every node's first parent, shape (len(level),); 0 if it has none."""
    first: dict[str, int] = {}
    for row, node in enumerate(above):
        for child in node.children:
            first.setdefault(child, row)
    return np.array([first.get(node.id, 0) for node in level], dtype=np.intp)


@dataclass(frozen=True, slots=True)
class _Best:
    """The best terms of a group, by falling weight, and how often each occurs in it."""

    terms: list[int]
    counts: list[int]


def _weighed(table: Any, parents: NDArray[np.intp], weighting: Weighting) -> Iterator[_Best]:
    """For each group, the terms with the most weight: their count in it, times how rare they are elsewhere."""
    everywhere = np.asarray(table.sum(axis=0)).ravel()
    average = everywhere.sum() / table.shape[0]
    order = np.argsort(parents, kind="stable")
    best: list[_Best | None] = [None] * table.shape[0]
    beside = np.zeros(table.shape[1])
    for family in np.split(order, np.flatnonzero(np.diff(parents[order])) + 1):
        rows = table[family]
        np.add.at(beside, rows.indices, rows.data)
        common = rows.data.sum() / len(family)
        for place, group in enumerate(family.tolist()):
            columns = rows.indices[rows.indptr[place] : rows.indptr[place + 1]]
            counts = rows.data[rows.indptr[place] : rows.indptr[place + 1]]
            weights = counts.astype(np.float64)
            if weighting == "level":
                weights *= np.log1p(average / everywhere[columns])
            else:
                weights *= np.log1p(common / beside[columns])
            if weighting == "share":
                weights *= np.sqrt(counts / beside[columns])
            top = np.lexsort((columns, -weights))[:_LOOKED_AT]
            best[group] = _Best(columns[top].tolist(), counts[top].tolist())
        beside[rows.indices] = 0  # not the whole row, because there are many families
    return (found for found in best if found is not None)


def _label(best: _Best, terms: Terms) -> str:
    """A label of the first terms that are not parts or forms of each other. A pair may replace its word."""
    pairs_of: dict[int, list[tuple[int, int]]] = {}
    words = terms.words[best.terms].tolist()
    for term, count, (first, second) in zip(best.terms, best.counts, words, strict=True):
        if second >= 0:
            pairs_of.setdefault(first, []).append((count, term))
            pairs_of.setdefault(second, []).append((count, term))
    chosen: list[str] = []
    for term, count, (_, second) in zip(best.terms, best.counts, words, strict=True):
        if second >= 0:
            continue
        most, pair = max(pairs_of.get(term, []), key=lambda found: found[0], default=(0, term))
        name = terms.names[pair if most >= max(2, _PAIR * count) else term]
        said = " ".join(chosen).split()
        if any(same_family(word, other) for word in name.split() for other in said):
            name = terms.names[term]
            if any(same_family(name, other) for other in said):
                continue
        if sum(map(len, chosen)) + len(name) + 2 * len(chosen) > _WIDTH and chosen:
            break
        chosen.append(name)
        if len(chosen) == _TERMS:
            break
    return ", ".join(chosen)
