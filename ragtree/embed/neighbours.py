"""A chunk in the light of its neighbours, for nothing: their vectors are there, and a share of them is added."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..types import OnProgress, Vectors, no_progress
from .base import Passages, SpanEmbedder, SpanVectors, unit_rows

WEIGHT = 0.4
"""Of the mean of the two neighbours, beside the chunk's own vector. From 0.3 to 0.6 it makes little difference
(tests/benchmarks/test_one_pass.py)."""


class NeighbourEmbedder:
    """Chunks read alone, each with 0.4 of the mean of the chunks before and after it in its document.

    What late chunking adds to a chunk's own vector is mostly this, at the cost of a second pass. A chunk whose
    neighbours are not among `Passages.spans` gets the vector of one that has others. Sentences are left as they are.
    """

    reach = 1

    def __init__(self, plain: SpanEmbedder) -> None:
        self.fingerprint = f"{plain.fingerprint}/neighbours/{WEIGHT}/1"
        self._plain = plain

    @property
    def tokens_read(self) -> int:
        return self._plain.tokens_read

    def embed_spans(self, documents: Sequence[Passages], progress: OnProgress = no_progress) -> SpanVectors:
        """Vectors of all chunks and sentences from one pass, every chunk read alone."""
        found = self._plain.embed_spans(documents, progress)
        spans = found.spans.copy()
        first = 0
        for document in documents:
            rows = [first + row for row in sorted(range(len(document.spans)), key=document.spans.__getitem__)]
            spans[rows] = add_neighbours(found.spans[rows])
            first += len(document.spans)
        return SpanVectors(spans, found.inner)


def add_neighbours(rows: Vectors, weight: float = WEIGHT) -> Vectors:
    """Unit rows of a document's chunks in reading order, shape (n, dim), each with its share of its neighbours."""
    if len(rows) < 2:
        return rows
    beside = np.zeros_like(rows)
    beside[1:] += rows[:-1]
    beside[:-1] += rows[1:]
    beside[1:-1] /= 2
    return unit_rows(rows + weight * beside)
