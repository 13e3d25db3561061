"""Recursive spherical k-means under a token budget: near-linear in the number of rows."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from ..settings import TreeSettings
from ..types import Vectors
from .base import Counts, Indices, absorb_small, centroids, halve, without_repeats

_MOST_PARTS = 12
"""Parts that one split makes at most. More would cost time at the top, fewer make the tree of splits deep."""
_ROUNDS = 2
"""Rounds of assigning and averaging. On examples/library more of them make no tighter groups (cohesion .722 at 2
rounds, .715 at 12), and make a tree that changes everywhere when one chunk does (96 % of the groups stay at 2 rounds,
40 % at 12)."""
_FILL = 0.8
"""Share of the budget that the groups are meant to fill: k-means makes unequal ones, and full ones must fit."""
_BLOCK = 8192


class KMeans:
    """Splits until every part fits; parts of a single row join their nearest neighbour.

    A row that lies nearly as close to a second group is a member of that one too, where it has room.
    """

    def __init__(self, settings: TreeSettings) -> None:
        self._second_parent = settings.second_parent
        self._seed = settings.seed
        self.fingerprint = f"kmeans/{settings.second_parent}/{settings.seed}/3"

    def cluster(self, vectors: Vectors, tokens: Counts, budget: int) -> list[Indices]:
        groups = split_to_budget(vectors, tokens, budget, np.arange(len(vectors)), self._seed)
        groups = absorb_small(vectors, tokens, budget, groups, least=2)
        if self._second_parent < 1 and len(groups) > 1:
            # Rows of two near groups may have joined each other's, which makes one group twice.
            groups = without_repeats(self._add_second_parents(vectors, tokens, budget, groups))
        return sorted(groups, key=lambda group: tuple(group.tolist()))

    def _add_second_parents(
        self, vectors: Vectors, tokens: Counts, budget: int, groups: list[Indices]
    ) -> list[Indices]:
        centres = centroids(vectors, groups)
        own = np.empty(len(vectors), dtype=np.intp)
        for number, group in enumerate(groups):
            own[group] = number
        sizes = np.array([tokens[group].sum() for group in groups])
        joined: dict[int, list[int]] = {}
        for start in range(0, len(vectors), _BLOCK):
            rows = np.arange(start, min(start + _BLOCK, len(vectors)))
            similarity = vectors[rows] @ centres.T
            first = similarity[rows - start, own[rows]].copy()
            similarity[rows - start, own[rows]] = -np.inf
            second = similarity.argmax(axis=1)
            near = similarity[rows - start, second] >= self._second_parent * np.abs(first)
            for row, target in zip(rows[near].tolist(), second[near].tolist(), strict=True):
                # A group of one row stays as it is: its row would only be copied.
                if sizes[target] + tokens[row] <= budget and len(groups[own[row]]) > 1:
                    sizes[target] += tokens[row]
                    joined.setdefault(target, []).append(row)
        return [
            np.union1d(group, joined[number]).astype(np.intp) if number in joined else group
            for number, group in enumerate(groups)
        ]


def split_to_budget(vectors: Vectors, tokens: Counts, budget: int, rows: Indices, seed: int) -> list[Indices]:
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
        labels = spherical_kmeans(vectors[part], parts, seed)
        pieces = [part[labels == label] for label in range(parts)]
        pieces = [piece for piece in pieces if len(piece)]
        waiting.extend(pieces if len(pieces) > 1 else halve(part, tokens))
    return groups


def spherical_kmeans(vectors: Vectors, parts: int, seed: int) -> Indices:
    """Labels 0..parts-1 of unit rows (n, dim) by cosine; some labels may stay unused.

    Dhillon and Modha, Concept decompositions (2001), seeded as in k-means++ by 1 - cosine.
    """
    centres = _far_apart(vectors, parts, seed)
    labels = np.full(len(vectors), -1, dtype=np.intp)
    for _ in range(_ROUNDS):
        new = np.argmax(vectors @ centres.T, axis=1)
        if np.array_equal(new, labels):
            break
        labels = new
        sums = np.zeros_like(centres)
        np.add.at(sums, labels, vectors)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(lengths > 1e-12, sums / np.maximum(lengths, 1e-12), centres).astype(np.float32)
    return labels


def _far_apart(vectors: Vectors, parts: int, seed: int) -> Vectors:
    """First centres, drawn as k-means++ draws them, but by dice that belong to the rows.

    Every row has dice of its own, made of its content. So a row that is added or removed changes the draw only
    where it would win it itself, and a small change of a folder leaves most groups, and their summaries, alone.
    """
    dice = np.array(
        [int.from_bytes(hashlib.blake2b(row.tobytes(), digest_size=8).digest(), "big") for row in vectors],
        dtype=np.uint64,
    )
    chosen: list[int] = []
    weight = np.ones(len(vectors))
    for draw in range(parts):
        # The row with the least -log(u) / weight is a draw in proportion to the weights.
        waiting = -np.log(_uniform(dice, seed * _MOST_PARTS + draw)) / np.maximum(weight, 1e-12)
        chosen.append(int(waiting.argmin()))
        distance = np.maximum(0.0, 1 - vectors @ vectors[chosen[-1]]).astype(np.float64)
        weight = distance if draw == 0 else np.minimum(weight, distance)
        if weight.sum() <= 1e-9:
            break
    rows: Vectors = vectors[chosen].copy()
    return rows


def _uniform(dice: NDArray[np.uint64], throw: int) -> NDArray[np.float64]:
    """A number in (0, 1) for every row and throw (splitmix64)."""
    with np.errstate(over="ignore"):
        mixed = dice + np.uint64((throw + 1) * 0x9E3779B97F4A7C15 % 2**64)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    uniform: NDArray[np.float64] = (mixed >> np.uint64(11)).astype(np.float64) / 2**53
    return np.clip(uniform, 1e-16, 1 - 1e-16)
