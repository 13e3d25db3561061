"""Simulated evaluations: scores of two systems on the same questions, whose true difference is known."""

from __future__ import annotations

import numpy as np

MEAN = 0.35 * 0 + 0.4 * 1 + 0.25 * 0.5
"""The mean of `recall`."""


def recall(rng: np.random.Generator, n: int) -> np.ndarray:
    kind = rng.random(n)
    return np.where(kind < 0.35, 0.0, np.where(kind < 0.75, 1.0, rng.integers(1, 20, n) / 20))


def same_twice_with_noise(rng: np.random.Generator, n: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Two runs of one system; the second draws a `share` of the scores again."""
    first = recall(rng, n)
    return first, np.where(rng.random(n) < share, recall(rng, n), first)


def documents_with_leanings(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Two systems of equal quality over 60 documents, each of which may suit one of them better; and the documents."""
    group = np.repeat(np.arange(60), rng.integers(1, 10, 60))
    n = len(group)
    systems = []
    for _ in range(2):
        found = rng.random(n) < rng.random(60)[group]
        systems.append(np.where(rng.random(n) < 0.25, rng.integers(1, 20, n) / 20, found))
    return systems[0], systems[1], [f"paper {number}" for number in group]


def five_points_better(rng: np.random.Generator, n: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    """A system that gains .05 over another one by answering a `share` of the questions better; and the other one."""
    before = recall(rng, n)
    lifted = np.where(rng.random(n) < 0.05 / share / (1 - MEAN), 1.0, recall(rng, n))
    return np.where(rng.random(n) < share, lifted, before), before
