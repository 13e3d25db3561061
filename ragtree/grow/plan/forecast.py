"""The tree that would be grown, without a call to a model: how many groups, and which of them are to be summarized."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ...cluster.base import Clusterer
from ...cluster.kmeans import KMeans
from ...embed.base import unit_rows
from ...tokens import count_tokens
from ...types import Node, Vectors
from ..build import in_reading_order
from .word_vectors import topic_vectors

_MOST_BY_VECTORS = 50_000
"""Chunks that k-means groups for a forecast, about a second's work; of more a sample is grouped."""
_MOST_BY_WORDS = 5000
"""The same where vectors have to be made of words first."""
_MOST_SLOWLY = 1000
"""The same for other clusterers."""
_USUAL_FILL = 0.55
"""Share of a group's token budget that is filled on average, where too few groups were made to tell: .50 to .60 for
k-means and .43 to .58 for gmm on five folders."""
_ENOUGH_GROUPS = 4

Kept = Callable[[Sequence[str]], tuple[str, Vectors | None] | None]
"""The texts of a group -> its summary where that was made before, with its vector where that is kept."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a growing would make of its leaves."""

    levels: tuple[int, ...]
    """Groups at each level above the leaves."""
    summaries: int
    """Groups to summarize: those that no cache knows."""
    tokens: int
    """Tokens of their members."""
    first_tokens: int
    """The same on the first level alone, where the members are chunks."""
    seconds: float
    """What the grouping takes."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A node of a level that may not be there yet."""

    text: str | None
    """None where it is yet to be written."""
    tokens: int
    due: bool


@dataclass(frozen=True, slots=True)
class _Level:
    groups: int
    tokens: int
    """Of the members of all groups."""
    due: int
    due_tokens: int


def forecast(
    leaves: Sequence[Node],
    vectors: Sequence[Vectors | None],
    clusterer: Clusterer,
    budget: int,
    summary_tokens: int,
    kept: Kept,
    grown: bool,
) -> Forecast:
    """What `clusterer` would make of the leaves, whose vectors (dim,) are given where there are any.

    With all vectors the leaves are grouped for real; without, vectors of their words stand in, and a group is counted
    as new where it has a new member, or where no tree was `grown` in this way before.
    """
    embedded = all(row is not None for row in vectors)
    most = _MOST_BY_VECTORS if embedded else _MOST_BY_WORDS
    chosen = _evenly(len(leaves), most if isinstance(clusterer, KMeans) else _MOST_SLOWLY)
    exact = embedded and len(chosen) == len(leaves)
    rows = [
        _Row(leaves[at].text, leaves[at].tokens, due=not exact and (not grown or vectors[at] is None)) for at in chosen
    ]
    if exact:
        space = np.stack([row for row in vectors if row is not None]) if rows else np.zeros((0, 1), np.float32)
    else:
        space = topic_vectors([leaves[at].text for at in chosen])
    started = time.monotonic()
    levels = _grouped(rows, space, clusterer, budget, summary_tokens, kept if exact else None)
    seconds = (time.monotonic() - started) * len(leaves) / max(1, len(chosen))
    if len(chosen) < len(leaves):
        levels = _of_all(levels, sum(leaf.tokens for leaf in leaves), budget, summary_tokens)
    return Forecast(
        tuple(level.groups for level in levels),
        sum(level.due for level in levels),
        sum(level.due_tokens for level in levels),
        levels[0].due_tokens if levels else 0,
        seconds,
    )


def _evenly(count: int, most: int) -> list[int]:
    """At most so many of `count` rows, spread over all."""
    if count <= most:
        return list(range(count))
    return [int(at) for at in np.linspace(0, count - 1, most)]


def _grouped(
    rows: Sequence[_Row],
    vectors: Vectors,
    clusterer: Clusterer,
    budget: int,
    summary_tokens: int,
    kept: Kept | None,
) -> list[_Level]:
    """The levels above these rows, as `build_tree` would make them; `kept` where the vectors are the real ones."""
    levels = []
    while len(rows) > 1:
        tokens = np.array([row.tokens for row in rows], dtype=np.int64)
        groups = in_reading_order(clusterer.cluster(vectors, tokens, budget))
        parents: list[_Row] = []
        means = unit_rows(np.stack([vectors[group].mean(axis=0) for group in groups]))
        due_tokens = 0
        for number, group in enumerate(groups):
            members = [rows[index] for index in group]
            parent, vector = _parent(members, summary_tokens, kept)
            if vector is not None:
                means[number] = vector
            if parent.due:
                due_tokens += sum(member.tokens for member in members)
            parents.append(parent)
        size = int(sum(tokens[group].sum() for group in groups))
        levels.append(_Level(len(groups), size, sum(parent.due for parent in parents), due_tokens))
        rows, vectors = parents, means
    return levels


def _parent(members: Sequence[_Row], summary_tokens: int, kept: Kept | None) -> tuple[_Row, Vectors | None]:
    """The node over these, and its vector where that is kept."""
    texts = [member.text for member in members if member.text is not None]
    found = kept(texts) if kept is not None and len(texts) == len(members) else None
    if found is not None:
        return _Row(found[0], count_tokens(found[0]), due=False), found[1]
    return _Row(None, summary_tokens, due=kept is not None or any(member.due for member in members)), None


def _of_all(sampled: Sequence[_Level], tokens: int, budget: int, summary_tokens: int) -> list[_Level]:
    """The levels over leaves of so many tokens, where those of a sample are known."""
    levels: list[_Level] = []
    fill, due = _USUAL_FILL, sampled[0].due / sampled[0].groups
    while True:
        if len(levels) < len(sampled) and sampled[len(levels)].groups >= _ENOUGH_GROUPS:
            level = sampled[len(levels)]
            fill, due = level.tokens / (level.groups * budget), level.due / level.groups
        groups = 1 if tokens <= budget else max(1, math.ceil(tokens / (budget * fill)))
        levels.append(_Level(groups, tokens, math.ceil(groups * due), int(tokens * due)))
        if groups == 1:
            return levels
        tokens = groups * summary_tokens
