"""Finds groups that are near each other, without comparing every group with every other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from .base import Counts, Indices
from .integer_rows import Codes, integer_centres, products
from .splitting import Rows, split_to_budget

_ALL = 2048
"""Up to this many groups, each is compared with all."""
_CELL = 64
"""Most groups in a cell."""
_NEAREST = 32
"""Number of cells that are searched: a group's own, and those with the nearest centres to it."""
_BLOCK = 1024


def neighbourhoods(centres: Codes) -> Iterator[tuple[Indices, Indices]]:
    """Yield cells of near groups, each with the groups to compare them with: its own first, then other cells'.

    Groups are rows of `centres`; each is in one cell.
    """
    everything = np.arange(len(centres))
    if len(centres) <= _ALL:
        yield everything, everything
        return
    cells = split_to_budget(Rows.of(centres, 0), np.ones(len(centres), dtype=np.int64), _CELL, everything)
    for number, near in enumerate(_near_cells(integer_centres(centres, cells))):
        others = [cells[cell] for cell in near.tolist() if cell != number]
        yield cells[number], np.concatenate([cells[number], *others])


def _near_cells(middles: Codes) -> Iterator[Indices]:
    """Yield, for every cell, the numbers of the nearest cells."""
    kept = min(_NEAREST, len(middles))
    for start in range(0, len(middles), _BLOCK):
        similarity = products(middles[start : start + _BLOCK], middles)
        yield from np.argpartition(-similarity, kept - 1, axis=1)[:, :kept]


def absorb_single(codes: Codes, tokens: Counts, budget: int, groups: Sequence[Indices]) -> list[Indices]:
    """The groups; those of one row join the nearest group that has room or, if all are full, each other."""
    if len(groups) < 2:
        return list(groups)
    centres = integer_centres(codes, groups)
    sizes = np.array([tokens[group].sum() for group in groups])
    alone = np.array([len(group) == 1 for group in groups])
    gone = np.zeros(len(groups), dtype=np.bool_)
    joined: dict[int, list[int]] = {}
    for cell, candidates in neighbourhoods(centres):
        singles = cell[alone[cell]]
        for single, near in zip(singles.tolist(), products(centres[singles], centres[candidates]), strict=True):
            fits = (sizes[candidates] + sizes[single] <= budget) & ~gone[candidates] & (candidates != single)
            if alone[single] and fits.any():
                target = int(candidates[np.where(fits, near, -np.inf).argmax()])
                joined.setdefault(target, []).append(int(groups[single][0]))
                sizes[target] += sizes[single]
                alone[target], gone[single] = False, True
    whole = [with_rows(groups[number], joined.get(number, ())) for number in np.flatnonzero(~alone & ~gone).tolist()]
    homeless = [groups[number] for number in np.flatnonzero(alone & ~gone).tolist()]
    if len(groups) > _ALL and len(homeless) <= len(groups) // 2:  # some may have found no room only near them
        homeless = absorb_single(codes, tokens, budget, homeless)
    return whole + homeless


def with_rows(group: Indices, rows: Sequence[int]) -> Indices:
    """The group with more rows, ascending."""
    return np.union1d(group, rows).astype(np.intp) if rows else group


def second_groups(codes: Codes, groups: Sequence[Indices], share: float) -> tuple[Indices, Indices]:
    """The rows, ascending, that are nearly as close to a second group, and for each that group.

    Its similarity is at least `share` of that to the row's own group. Every row is in one of `groups`.
    """
    centres = integer_centres(codes, groups)
    found: list[Indices] = []
    targets: list[Indices] = []
    for cell, candidates in neighbourhoods(centres):
        rows = np.concatenate([groups[number] for number in cell.tolist()])
        own = np.repeat(np.arange(len(cell)), [len(groups[number]) for number in cell.tolist()])
        near, second = _nearly_as_close(products(codes[rows], centres[candidates]), own, share)
        found.append(rows[near])
        targets.append(candidates[second])
    rows, second = np.concatenate(found), np.concatenate(targets)
    order = np.argsort(rows)
    return rows[order], second[order]


def _nearly_as_close(similarity: NDArray[np.float32], own: Indices, share: float) -> tuple[Indices, Indices]:
    """Rows of `similarity` (n, groups) whose second group is near, and that group."""
    at = np.arange(len(similarity))
    first = similarity[at, own]
    similarity[at, own] = -np.inf
    second = similarity.argmax(axis=1)
    near = np.flatnonzero(similarity[at, second] >= share * np.abs(first))
    return near, second[near]
