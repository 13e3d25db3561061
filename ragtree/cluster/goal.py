"""Groups by a goal that the user writes, such as `by legal obligation`.

The language model names the groups from a sample of central texts. The embedder assigns the texts to them, and the
model is asked only about doubtful ones. The ideas are those of ClusterLLM (arXiv 2305.14871), which asks about texts
between two clusters, and of GoalEx (arXiv 2305.13749), which has a model describe the clusters.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence

import numpy as np

from ..errors import BudgetError
from ..types import Vectors
from .base import Indices, Level
from .integer_rows import integer_codes
from .model_grouping import ModelGrouping, NamedGroups, names_of
from .nearest_groups import absorb_single
from .splitting import Rows, spherical_kmeans, split_to_budget

logger = logging.getLogger(__name__)

MOST_CALLS = 200
"""Most texts of a level that the model is asked about."""
_SAMPLE = 16
"""Texts that the groups are named from."""
_SAME = 0.8
"""Two names with at least this similarity are one group."""
_SURE = 0.5
"""Share of the texts, those with the widest margins, towards which the groups' centres are moved."""
_DOUBTFUL = 0.1
"""The model is asked about a text if the margin between its two best groups is below this."""
_OFFERED = 3
"""Number of nearest groups that the model chooses among."""
_GROWTH = 2.0
"""The groups are named again if there are more than this many times the texts that they were named for."""
_CROWDED = 0.75
"""With more groups for each row than this, groups of one row join any others: a level has to shrink."""


class GoalGuided:
    """Groups texts by the goal; groups over the budget are split by k-means.

    Names are kept while half of the sample that they come from is still there and the texts have not doubled, so that
    a change of one file does not change the groups, or the answers about them.
    """

    def __init__(self, goal: str, sorter: ModelGrouping, calls: int = MOST_CALLS, seed: int = 0) -> None:
        """The model is asked about at most `calls` doubtful texts of a level; the embedder decides about the others."""
        self._goal = goal
        self._sorter = sorter
        self._calls = calls
        self._seed = seed
        self.fingerprint = f"llm/{sorter.fingerprint}/{calls}/{seed}/1"

    @property
    def unasked(self) -> int:
        """Number of questions that the budget did not allow; for now the embedder has decided them."""
        return self._sorter.unasked

    def cluster_level(self, level: Level, budget: int) -> list[Indices]:
        everything = np.arange(len(level.texts))
        if len(everything) < 2 or level.tokens.sum() <= budget:
            return [everything] if len(everything) else []
        names = self.names(level)
        own = self.assign(level, names) if len(names) > 1 else np.zeros(len(everything), dtype=np.intp)
        rows = Rows.of(integer_codes(level.vectors), self._seed)
        groups: list[Indices] = []
        for name in range(max(1, len(names))):
            parts = split_to_budget(rows, level.tokens, budget, np.flatnonzero(own == name))
            groups.extend(absorb_single(rows.codes, level.tokens, budget, parts))
        if len(groups) > _CROWDED * len(everything):
            groups = absorb_single(rows.codes, level.tokens, budget, groups)
        return sorted((np.sort(group) for group in groups), key=lambda group: tuple(group.tolist()))

    def names(self, level: Level) -> list[str]:
        """The names of the groups, from the goal itself or from the model; the same on every level."""
        named = names_of(self._goal)
        if named:
            return named
        kept = self._sorter.kept_names()
        if kept is not None and (level.number > 0 or _still_holds(kept, level.texts)):
            return list(kept.names)
        sample = self._sample(level)
        try:
            found = self._sorter.names(sample)
        except BudgetError:
            self._sorter.unasked += 1
            return []
        names = _distinct(found, level.embed(found)) if found else []
        if len(names) < 2:
            logger.warning("the model named no groups %s; they are made by k-means", self._goal)
        self._sorter.keep(NamedGroups(tuple(names), tuple(map(_hash, sample)), len(level.texts)))
        return names

    def assign(self, level: Level, names: Sequence[str]) -> Indices:
        """The number of the group of every row, shape (n,)."""
        centres = level.embed(names)
        own, margin = _nearest(level.vectors @ centres.T)
        similarity = level.vectors @ _drawn(centres, level.vectors, own, margin).T
        own, margin = _nearest(similarity)
        doubtful = np.argsort(margin, kind="stable")[: self._calls]
        for row in doubtful[margin[doubtful] < _DOUBTFUL].tolist():
            offered = np.sort(np.argsort(-similarity[row], kind="stable")[:_OFFERED])
            chosen = self._sorter.choose(level.texts[row], [names[number] for number in offered])
            if chosen is not None:
                own[row] = offered[chosen]
        return own

    def _sample(self, level: Level) -> list[str]:
        """The most central text of each k-means cluster, that of the largest cluster first."""
        parts = min(_SAMPLE, len(level.texts))
        rows = Rows.of(integer_codes(level.vectors), self._seed)
        labels = spherical_kmeans(rows, np.arange(len(level.texts)), parts)
        groups = [np.flatnonzero(labels == label) for label in range(parts)]
        found = []
        for group in sorted((group for group in groups if len(group)), key=len, reverse=True):
            mean = level.vectors[group].mean(axis=0)
            found.append(level.texts[int(group[(level.vectors[group] @ mean).argmax()])])
        return found


def _nearest(similarity: Vectors) -> tuple[Indices, Vectors]:
    """The best column of every row, and by how much it is better than the second."""
    ordered = np.sort(similarity, axis=1)
    return similarity.argmax(axis=1), ordered[:, -1] - ordered[:, -2]


def _drawn(centres: Vectors, vectors: Vectors, own: Indices, margin: Vectors) -> Vectors:
    """The centres, each moved halfway to the mean of the texts that surely belong to it: a name is one or two words."""
    moved = centres.copy()
    sure = margin >= np.quantile(margin, 1 - _SURE)
    for number in range(len(centres)):
        rows = np.flatnonzero(sure & (own == number))
        if len(rows):
            mean = vectors[rows].mean(axis=0)
            moved[number] += mean / max(float(np.linalg.norm(mean)), 1e-12)
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    unit: Vectors = moved / np.maximum(lengths, 1e-12)
    return unit


def _distinct(names: Sequence[str], vectors: Vectors) -> list[str]:
    """The names without those that mean the same as an earlier one."""
    kept: list[int] = []
    for row in range(len(names)):
        if not kept or float((vectors[kept] @ vectors[row]).max()) < _SAME:
            kept.append(row)
    return [names[row] for row in kept]


def _still_holds(kept: NamedGroups, texts: Sequence[str]) -> bool:
    if len(texts) > _GROWTH * kept.rows:
        return False
    there = set(map(_hash, texts))
    return sum(key in there for key in kept.sample) * 2 >= len(kept.sample)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
