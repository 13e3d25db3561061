"""The protocols of clusterers, and what all of them need to keep groups within the token budget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ..types import Vectors

Indices: TypeAlias = NDArray[np.intp]
"""Row numbers, shape (n,), ascending."""

Counts: TypeAlias = NDArray[np.int64]
"""Tokens of every row, shape (n,)."""


class Clusterer(Protocol):
    """Groups the nodes of one level. It is made with nothing."""

    fingerprint: str
    """Changes when the same vectors would be grouped differently."""

    def cluster(self, vectors: Vectors, tokens: Counts, budget: int) -> list[Indices]:
        """Groups of rows of `vectors` (n, dim), none over `budget` tokens; a row may be in several.

        Every row is in at least one group. If any two rows fit the budget together, n > 1 rows give fewer than n
        groups, so that a tree built of them ends in one root. A row that is over the budget by itself forms a group of
        its own.
        """
        ...


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the tree, for a clusterer that reads the texts."""

    number: int
    """0 for chunks."""
    texts: Sequence[str]
    vectors: Vectors
    """Shape (len(texts), dim)."""
    tokens: Counts
    embed: Callable[[Sequence[str]], Vectors]
    """Vectors of other texts in the same space."""


@runtime_checkable
class ReadingClusterer(Protocol):
    """A clusterer that needs the texts of a level's nodes, not only their vectors."""

    fingerprint: str

    def cluster_level(self, level: Level, budget: int) -> list[Indices]:
        """Groups of rows of the level, with the guarantees of `Clusterer.cluster`. Raises ModelError."""
        ...


def halve(rows: Indices, tokens: Counts) -> tuple[Indices, Indices]:
    """The rows in two parts of nearly equal tokens, in order: the last resort if the vectors do not differ."""
    running = np.cumsum(tokens[rows])
    cut = int(np.searchsorted(running, running[-1] / 2)) + 1
    cut = min(max(cut, 1), len(rows) - 1)
    return rows[:cut], rows[cut:]


def without_repeats(groups: list[Indices]) -> list[Indices]:
    """The groups without those whose rows are all in another one, which would add nothing."""
    kept: list[Indices] = []
    holders: dict[int, list[set[int]]] = {}
    for group in sorted(groups, key=lambda group: (-len(group), group.tolist())):
        rows = set(group.tolist())
        if any(rows <= other for other in holders.get(int(group[0]), [])):
            continue
        kept.append(np.sort(group))
        for row in rows:
            holders.setdefault(row, []).append(rows)
    return kept
