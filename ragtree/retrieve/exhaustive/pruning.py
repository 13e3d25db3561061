"""Which parts of a tree need not be read for a question that wants all of something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...store.base import NodeSearch
from ...types import Vectors

_SUMMARY = 0.0
_LEAF = 1.0
"""A part is read if its summary, among summaries, or the best of its chunks, among chunks, is at least this many
standard deviations above the mean similarity. On examples/library this reads .63 of the chunks, which hold .978 of the
evidence for the answers (tests/benchmarks/test_survey.py)."""
_FEW = 20
"""Up to this many parts, all are read: leaving some out would save nothing."""


@dataclass(frozen=True, slots=True)
class TreePart:
    """Leaves with one parent, which are read together."""

    leaves: tuple[str, ...]
    nearness: float
    """How far its best similarity is above the mean, in standard deviations; 0 if nothing was compared."""


def parts_to_read(
    groups: Sequence[tuple[str, tuple[str, ...]]], store: NodeSearch, vector: Vectors | None
) -> list[TreePart]:
    """The parts that may be about a question, the nearest first; all of them if there is no question.

    `groups` pairs the id of a summary, or of a lone leaf, with its leaves. `vector`, the question, has shape (dim,).
    """
    if vector is None or len(groups) <= _FEW:
        return [TreePart(leaves, 0.0) for _, leaves in groups]
    summaries = _standard(store.vectors([key for key, _ in groups]) @ vector)
    leaves = _standard(store.vectors([leaf for _, part in groups for leaf in part]) @ vector)
    starts = np.cumsum([0, *(len(part) for _, part in groups[:-1])])
    best = np.maximum.reduceat(leaves, starts)
    is_near = (summaries >= _SUMMARY) | (best >= _LEAF)
    nearness = np.maximum(summaries, best)
    kept = [TreePart(groups[row][1], float(nearness[row])) for row in np.flatnonzero(is_near).tolist()]
    return sorted(kept, key=lambda part: -part.nearness)


def _standard(scores: Vectors) -> Vectors:
    standard: Vectors = (scores - scores.mean()) / (float(scores.std()) or 1.0)
    return standard
