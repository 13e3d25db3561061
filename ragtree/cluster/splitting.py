"""Recursive spherical k-means: parts of a level that fit a token budget, in time near-linear in the rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .base import Counts, Indices, halve
from .integer_rows import EXACT_ROWS, Codes, integer_codes, row_hashes, scrambled

_MOST_PARTS = 12
"""Most parts of one split. More would cost time at the top, fewer would make the tree of splits deep."""
_ROUNDS = 2
"""Rounds of assigning and averaging. On examples/library more rounds make no tighter groups (cohesion .722 at 2
rounds, .715 at 12), and the tree changes everywhere when one chunk does (96 % of the groups stay at 2 rounds, 40 % at
12)."""
_FILL = 0.8
"""Share of the budget that an average group should fill: k-means makes unequal ones, and the largest has to fit."""
_SAMPLE = 4 * EXACT_ROWS
"""Most rows that centres are learned from: of a larger part, those with the lowest dice, so that one row more or less
changes the sample by one row. The other rows are assigned once."""
_BLOCK = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The rows of a level in the form that splitting needs."""

    codes: Codes
    dice: NDArray[np.uint64]
    """Shape (n,): a random number for each row, made from its content. An added or removed row changes a draw only if
    it wins that draw, so a small change of a folder leaves most groups, and their summaries, as they are."""

    @staticmethod
    def of(codes: Codes, seed: int) -> Rows:
        """The rows of these codes, with their dice."""
        return Rows(codes, row_hashes(codes, seed))


def split_to_budget(level: Rows, tokens: Counts, budget: int, rows: Indices) -> list[Indices]:
    """Hard groups of `rows`, each within the budget or of one row."""
    groups: list[Indices] = []
    waiting = [rows]
    while waiting:
        part = waiting.pop()
        total = int(tokens[part].sum())
        if len(part) < 2 or total <= budget:
            if len(part):
                groups.append(part)
            continue
        parts = min(_MOST_PARTS, len(part), max(2, round(total / (budget * _FILL))))
        pieces = _pieces(part, spherical_kmeans(level, part, parts), parts)
        waiting.extend(pieces if len(pieces) > 1 else halve(part, tokens))
    return groups


def _pieces(part: Indices, labels: Indices, parts: int) -> list[Indices]:
    """The rows of each label that is used, in their order."""
    order = np.argsort(labels, kind="stable")
    ends = np.cumsum(np.bincount(labels, minlength=parts))[:-1]
    return [piece for piece in np.split(part[order], ends) if len(piece)]


def spherical_kmeans(level: Rows, part: Indices, parts: int) -> Indices:
    """Labels 0..parts-1 of the rows in `part`, by cosine; some labels may stay unused.

    Dhillon and Modha, Concept decompositions (2001), seeded as in k-means++ by 1 - cosine.
    """
    sample = part
    if len(part) > _SAMPLE:
        sample = part[np.sort(np.argpartition(level.dice[part], _SAMPLE)[:_SAMPLE])]
    points = level.codes[sample].astype(np.float32)
    centres = _far_apart(points, level.dice[sample], parts)
    for _ in range(_ROUNDS - 1):
        centres = _means(points, _nearest(points, centres), centres)
    if sample is part:
        return _nearest(points, centres)
    blocks = [part[start : start + _BLOCK] for start in range(0, len(part), _BLOCK)]
    return np.concatenate([_nearest(level.codes[block].astype(np.float32), centres) for block in blocks])


def _nearest(points: NDArray[np.float32], centres: NDArray[np.float32]) -> Indices:
    labels: Indices = np.argmax(points @ centres.T, axis=1)
    return labels


def _means(points: NDArray[np.float32], labels: Indices, centres: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean direction of each label's points; a label without points keeps its centre."""
    member = (labels == np.arange(len(centres))[:, None]).astype(np.float32)
    sums = np.zeros_like(centres, dtype=np.float64)
    for start in range(0, len(points), EXACT_ROWS):
        sums += member[:, start : start + EXACT_ROWS] @ points[start : start + EXACT_ROWS]
    means = integer_codes(sums).astype(np.float32)
    return np.where(means.any(axis=1, keepdims=True), means, centres)


def _far_apart(points: NDArray[np.float32], dice: NDArray[np.uint64], parts: int) -> NDArray[np.float32]:
    """The first centres, drawn as in k-means++, but by the rows' own dice."""
    # Taking the row with the least -log(u) / weight draws in proportion to the weights.
    waiting = -np.log(_uniform(dice, parts))
    own = np.einsum("ij,ij->i", points, points)
    chosen = [int(waiting[0].argmin())]
    weight = own - points @ points[chosen[0]]
    for draw in range(1, parts):
        if weight.max() <= 0:
            break
        chosen.append(int((waiting[draw] / np.maximum(weight, 1e-9)).argmin()))
        weight = np.minimum(weight, own - points @ points[chosen[-1]])
    return points[chosen]


def _uniform(dice: NDArray[np.uint64], throws: int) -> NDArray[np.float64]:
    """Numbers in (0, 1), shape (throws, n), that depend on each row's dice alone."""
    steps = np.arange(1, throws + 1, dtype=np.uint64)[:, None] * np.uint64(0x9E3779B97F4A7C15)
    uniform: NDArray[np.float64] = (scrambled(dice + steps) >> np.uint64(11)).astype(np.float64) / 2**53
    return np.clip(uniform, 1e-16, 1 - 1e-16)
