"""Groups of neighbours in a document: by its headings, and where the subject changes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..types import Vectors
from .base import Counts, Indices

_MIDDLE = (0.25, 0.75)
"""A run is cut between these shares of its tokens, if possible."""


@dataclass(frozen=True, slots=True)
class Sequential:
    """The nodes of one level of a document in reading order."""

    ids: Sequence[str]
    begins: Sequence[tuple[str, ...]]
    """The headings above the beginning of each, outermost first."""
    ends: Sequence[tuple[str, ...]]
    """The headings above the end of each."""
    vectors: Vectors
    """Shape (n, dim)."""
    tokens: Counts
    """Shape (n,)."""
    kept: Collection[str] = ()
    """Ids of nodes that began a group before the document was edited: cuts stay where they were, if they still fit."""


def group_neighbours(level: Sequential, budget: int) -> list[Indices]:
    """Runs of neighbours, each of at most `budget` tokens, or of a single node, in reading order.

    A run that is too long is cut in two, again and again. It is cut near the middle: if possible where it was cut
    before, else where the outermost heading changes, else between the two neighbours that are least alike. If any two
    nodes fit the budget together, n > 1 nodes give fewer than n runs.
    """
    count = len(level.ids)
    if not count:
        return []
    alike = np.zeros(count)
    alike[1:] = np.einsum("ij,ij->i", level.vectors[1:], level.vectors[:-1])
    shared = [0, *(_shared(one, other) for one, other in zip(level.begins[1:], level.ends, strict=False))]
    kept = np.array([key in level.kept for key in level.ids])
    runs: list[Indices] = []
    waiting = [(0, count)]
    while waiting:
        start, end = waiting.pop()
        if end - start < 2 or int(level.tokens[start:end].sum()) <= budget:
            runs.append(np.arange(start, end))
            continue
        cut = _cut(level.tokens[start:end], np.array(shared[start:end]), kept[start:end], alike[start:end])
        waiting += [(start + cut, end), (start, start + cut)]
    return _with_neighbours(runs, level.tokens, budget)


def _cut(tokens: Counts, shared: NDArray[np.int64], kept: NDArray[np.bool_], alike: NDArray[np.float64]) -> int:
    """The node, from 1, before which a run is cut in two."""
    before = np.concatenate([[0], np.cumsum(tokens)[:-1]]) / max(1, int(tokens.sum()))
    places = np.arange(1, len(tokens))
    middle = places[(before[1:] >= _MIDDLE[0]) & (before[1:] <= _MIDDLE[1])]
    if not len(middle):  # one long node fills the middle
        middle = places[[int(np.abs(before[1:] - 0.5).argmin())]]
    order = np.lexsort((np.abs(before[middle] - 0.5), alike[middle], shared[middle], ~kept[middle]))
    return int(middle[order[0]])


def _shared(path: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many headings two paths have in common; very many if the paths are the same."""
    if path == other:
        return 1 << 30
    count = 0
    for one, two in zip(path, other, strict=False):
        if one != two:
            break
        count += 1
    return count


def _with_neighbours(runs: list[Indices], tokens: Counts, budget: int) -> list[Indices]:
    """Join a run of one node to a neighbour that has room, the smaller one: a group of one would only be copied."""
    joined: list[Indices] = []
    for place, run in enumerate(runs):
        following = runs[place + 1] if place + 1 < len(runs) else None
        size = int(tokens[run].sum())
        if joined and (len(run) == 1 or len(joined[-1]) == 1):
            left = int(tokens[joined[-1]].sum())
            right = int(tokens[following].sum()) if following is not None and len(run) == 1 else 1 << 62
            if left + size <= budget and (left <= right or len(joined[-1]) == 1 or right + size > budget):
                joined[-1] = np.concatenate([joined[-1], run])
                continue
        joined.append(run)
    return joined
