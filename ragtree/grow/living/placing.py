"""Where new nodes go: to the groups whose centres are nearest, or together into groups of their own.

Arrays in, numbers out: `vectors` are rows of unit length, groups are lists of row numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...cluster.base import Clusterer, Counts, Indices
from ...embed.base import unit_rows
from ...types import Vectors

_OWN_FILL = 0.4
"""Share of the token budget that nodes fill at least that make a group of their own: fewer are no group yet."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where each new row goes."""

    own: tuple[tuple[int, ...], ...]
    """Groups that only new rows make."""
    joined: tuple[tuple[int, int], ...]
    """New row, group that it joins; a row may join two."""


def place(
    vectors: Vectors,
    tokens: Counts,
    centres: Vectors,
    sizes: Counts,
    clusterer: Clusterer,
    budget: int,
    second_parent: float,
) -> Placed:
    """Places for new rows (n, dim) among groups with these `centres` (groups, dim) and `sizes` in tokens.

    Rows that are nearer to each other than to any group become groups of their own. Every other one joins the nearest
    group, or one that is nearly as near and has room; and a second one from `second_parent` times that similarity on.
    """
    similarity = vectors @ centres.T
    own: list[tuple[int, ...]] = []
    for group in clusterer.cluster(vectors, tokens, budget) if len(vectors) > 1 else []:
        at_home = similarity[group].max(axis=1).mean()
        if tokens[group].sum() >= _OWN_FILL * budget and _without_itself(vectors[group]).mean() >= at_home:
            own.append(tuple(int(row) for row in group))
    housed = {row for group in own for row in group}
    joined: list[tuple[int, int]] = []
    sizes = sizes.copy()
    for row in range(len(vectors)):
        if row not in housed:
            for group_number in _homes(similarity[row], int(tokens[row]), sizes, budget, second_parent):
                sizes[group_number] += tokens[row]
                joined.append((row, group_number))
    return Placed(tuple(own), tuple(joined))


def _homes(near: NDArray[np.float32], tokens: int, sizes: Counts, budget: int, share: float) -> list[int]:
    """The group of a row, and a second one where there is one nearly as near. Only the first may be too full."""
    best = int(near.argmax())
    least = share * near[best] if near[best] > 0 else near[best]
    good = [int(group) for group in np.flatnonzero(near >= least) if sizes[group] + tokens <= budget]
    good.sort(key=lambda group: (-near[group], group))
    if not good:
        return [best]
    return good[:2] if share < 1 else good[:1]


def _without_itself(rows: Vectors) -> NDArray[np.float32]:
    """The similarity of every row to the mean of the others, shape (n,)."""
    if len(rows) < 2:
        return np.full(len(rows), -1, dtype=np.float32)
    others = unit_rows(rows.sum(axis=0, dtype=np.float32) - rows)
    similarity: NDArray[np.float32] = np.einsum("ij,ij->i", rows, others)
    return similarity


def centres_of(vectors: Vectors, groups: Sequence[Sequence[int]]) -> Vectors:
    """Mean directions of groups of rows, shape (len(groups), dim)."""
    if not groups:
        return np.zeros((0, vectors.shape[1]), dtype=np.float32)
    rows = np.concatenate([np.asarray(group, dtype=np.intp) for group in groups])
    starts = np.cumsum([0, *(len(group) for group in groups[:-1])])
    return unit_rows(np.add.reduceat(vectors[rows], starts, axis=0))


def nearest_with_room(near: NDArray[np.float32], tokens: int, sizes: Counts, budget: int) -> int | None:
    """The group that is nearest among those that can take so many tokens more; None where all are too full."""
    room = np.flatnonzero(sizes + tokens <= budget)
    return int(room[near[room].argmax()]) if len(room) else None


def cohesion(vectors: Vectors, groups: Sequence[Sequence[int] | Indices]) -> float:
    """The mean similarity of rows to the centre of their group, the nearer one where a row is in two."""
    best = np.full(len(vectors), -1, dtype=np.float32)
    for group, centre in zip(groups, centres_of(vectors, [list(group) for group in groups]), strict=True):
        rows = np.asarray(group, dtype=np.intp)
        best[rows] = np.maximum(best[rows], vectors[rows] @ centre)
    return float(best.mean()) if len(best) else 0.0
