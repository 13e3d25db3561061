"""Recursive spherical k-means under a token budget: near-linear in the number of rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..types import Vectors
from .base import Counts, Indices
from .integer_rows import Codes, integer_codes
from .nearest_groups import absorb_single, second_groups, with_rows
from .reduce import NO_REDUCTION, Reduction
from .splitting import Rows, split_to_budget


class KMeans:
    """Splits until every part fits the budget; parts of a single row join their nearest neighbour.

    A row that is nearly as close to a second group joins that one too, if there is room. If vectors are reduced, only
    the splits use the reduced ones; nearness is decided by the full vectors.
    """

    def __init__(self, second_parent: float = 0.97, seed: int = 0, reduction: Reduction = NO_REDUCTION) -> None:
        """A row joins a second group if that group's similarity is at least `second_parent` of the first one's; with 1,
        every row is in one group."""
        self._second_parent = second_parent
        self._seed = seed
        self._reduction = reduction
        self.fingerprint = f"kmeans/{second_parent}/{seed}/{reduction.fingerprint}/4"

    def cluster(self, vectors: Vectors, tokens: Counts, budget: int) -> list[Indices]:
        codes = integer_codes(vectors)
        everything = np.arange(len(vectors))
        reduced = codes if self._reduction.kind == "none" else integer_codes(self._reduction.directions(vectors))
        groups = split_to_budget(Rows.of(reduced, self._seed), tokens, budget, everything)
        groups = absorb_single(codes, tokens, budget, groups)
        if self._second_parent < 1 and len(groups) > 1:
            groups = self._with_second_parents(codes, tokens, budget, groups)
        return sorted(groups, key=lambda group: group.tolist())

    def _with_second_parents(
        self, codes: Codes, tokens: Counts, budget: int, groups: Sequence[Indices]
    ) -> list[Indices]:
        sizes = np.array([tokens[group].sum() for group in groups])
        rows_of = np.array([len(group) for group in groups])
        own = np.empty(len(codes), dtype=np.intp)
        for number, group in enumerate(groups):
            own[group] = number
        joined: dict[int, list[int]] = {}
        leavers: dict[int, list[int]] = {}
        rows, targets = second_groups(codes, groups, self._second_parent)
        for row, target in zip(rows.tolist(), targets.tolist(), strict=True):
            # A group of one row gets no second one: its row would only be copied.
            if sizes[target] + tokens[row] <= budget and rows_of[own[row]] > 1:
                sizes[target] += tokens[row]
                joined.setdefault(target, []).append(row)
                leavers.setdefault(int(own[row]), []).append(target)
        fuller = [with_rows(group, joined.get(number, ())) for number, group in enumerate(groups)]
        return _without_swallowed(fuller, {group: to for group, to in leavers.items() if len(to) == rows_of[group]})


def _without_swallowed(groups: Sequence[Indices], leavers: dict[int, list[int]]) -> list[Indices]:
    """The groups without those whose rows are all in another one.

    `leavers` has the groups whose rows all joined other groups, and which ones they joined. (If the rows of two groups
    joined each other's, these are the same group twice, and one of them stays.)
    """
    dropped: set[int] = set()
    for group, targets in leavers.items():
        if len(set(targets)) == 1 and targets[0] not in dropped and np.isin(groups[group], groups[targets[0]]).all():
            dropped.add(group)
    return [group for number, group in enumerate(groups) if number not in dropped]
