"""Context from neighbouring chunks at no cost: a share of their vectors, which are there anyway, is added."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..types import OnProgress, Vectors, no_progress
from .base import DocumentSpans, SpanEmbedder, SpanVectors, unit_rows

WEIGHT = 0.4
"""Weight of the mean of the two neighbours; the chunk's own vector has 1. From 0.3 to 0.6 it makes little difference
(tests/benchmarks/test_one_pass.py)."""


class NeighbourEmbedder:
    """Chunks read alone, each plus 0.4 of the mean of the chunks before and after it in its document.

    This is most of what late chunking adds to a chunk's own vector, and saves its second pass. A chunk whose neighbours
    are missing from `DocumentSpans.spans` gets another vector. Sentences are not changed.
    """

    reach = 1

    def __init__(self, plain: SpanEmbedder) -> None:
        self.fingerprint = f"{plain.fingerprint}/neighbours/{WEIGHT}/1"
        self._plain = plain

    @property
    def tokens_read(self) -> int:
        return self._plain.tokens_read

    def embed_spans(self, documents: Sequence[DocumentSpans], progress: OnProgress = no_progress) -> SpanVectors:
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
    """Unit rows of a document's chunks in reading order, shape (n, dim), each with a share of its neighbours added."""
    if len(rows) < 2:
        return rows
    beside = np.zeros_like(rows)
    beside[1:] += rows[:-1]
    beside[:-1] += rows[1:]
    beside[1:-1] /= 2
    return unit_rows(rows + weight * beside)
