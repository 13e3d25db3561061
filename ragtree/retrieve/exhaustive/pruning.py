"""Which parts of a tree can be left unread by a question that wants all of something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...store.base import NodeSearch
from ...types import Vectors

_SUMMARY = 0.0
_LEAF = 1.0
"""Standard deviations above the mean similarity from which on a part is read: that of its summary among summaries, or
of the best of its chunks among chunks. On examples/library .63 of the chunks are then read, and .978 of what proves the
answers lies in them (tests/benchmarks/test_survey.py)."""
_FEW = 20
"""Parts that are all read: nothing is saved by leaving some out."""


@dataclass(frozen=True, slots=True)
class Part:
    """Leaves with one parent, which are read together."""

    leaves: tuple[str, ...]
    nearness: float
    """How far the best of it is above the mean, in standard deviations; 0 where there is no question."""


def parts_to_read(
    groups: Sequence[tuple[str, tuple[str, ...]]], store: NodeSearch, vector: Vectors | None
) -> list[Part]:
    """The parts that could speak of a question, the nearest first; all of them where there is no question.

    `groups` are ids of summaries, or of lone leaves, with leaves; `vector` has shape (dim,).
    """
    if vector is None or len(groups) <= _FEW:
        return [Part(leaves, 0.0) for _, leaves in groups]
    summaries = _standard(store.vectors([key for key, _ in groups]) @ vector)
    leaves = _standard(store.vectors([leaf for _, part in groups for leaf in part]) @ vector)
    starts = np.cumsum([0, *(len(part) for _, part in groups[:-1])])
    best = np.maximum.reduceat(leaves, starts)
    is_near = (summaries >= _SUMMARY) | (best >= _LEAF)
    nearness = np.maximum(summaries, best)
    kept = [Part(groups[row][1], float(nearness[row])) for row in np.flatnonzero(is_near).tolist()]
    return sorted(kept, key=lambda part: -part.nearness)


def _standard(scores: Vectors) -> Vectors:
    standard: Vectors = (scores - scores.mean()) / (float(scores.std()) or 1.0)
    return standard
