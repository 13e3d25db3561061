"""Cuts where neighbouring sentences differ: at valleys in the similarity of the text before and after a gap
(TextTiling, Hearst 1997, with sentence embeddings in place of word counts)."""

from __future__ import annotations

from collections import deque
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..embed.base import Embedder
from ..settings import ChunkSettings
from ..text.sentences import sentence_spans
from ..types import Document, Span, Vectors
from .base import Chunker
from .budget import ChunkLimit, join_blank
from .parts import parts_of, sections_of
from .structure import StructureChunker

_WINDOW = 3
"""Sentences that are compared on either side of a gap."""
_DEPTH = 1.0
"""A valley this many standard deviations below the mean is a cut even if the chunk has room."""


class SemanticChunker:
    """Cuts where the subject changes, and never past the limit. Sentences are embedded once, and not kept."""

    def __init__(self, settings: ChunkSettings, embedder: Embedder) -> None:
        self._tokens = settings.tokens
        self._language = settings.language
        self._embedder = embedder
        self.without_embedding: Chunker = StructureChunker(settings)
        self.fingerprint = f"semantic/{settings.tokens}/{settings.language}/{embedder.name}/1"

    def chunk(self, document: Document) -> list[Span]:
        text = document.text
        budget = ChunkLimit(text, self._tokens)
        pieces = [piece for sentence in sentence_spans(text, self._language) for piece in budget.cut(sentence)]
        if len(pieces) < 2 or budget.fits(Span(0, len(text))):
            return join_blank(text, [Span(0, len(text))] if pieces else [])
        likeness = gap_similarity(self._embedder.embed([piece.of(text) for piece in pieces]), _WINDOW)
        likeness[_behind_headings(document, pieces)] = 1.0
        counts = np.array([budget.about(piece) for piece in pieces], dtype=np.int64)
        cuts = cheapest_cuts(gap_costs(likeness, _DEPTH), counts, self._tokens)
        starts = [0, *(pieces[cut].start for cut in cuts), len(text)]
        chunks = [part for start, end in pairwise(starts) for part in budget.cut(Span(start, end))]
        return join_blank(text, chunks)


def gap_similarity(vectors: Vectors, window: int) -> NDArray[np.float64]:
    """Cosine of the mean vectors of up to `window` rows before and after each gap.

    Shape (n, dim) -> (n - 1,). Rounded, so that the last bits of a model's arithmetic decide nothing.
    """
    count = len(vectors)
    sums = np.vstack([np.zeros((1, vectors.shape[1])), np.cumsum(vectors, axis=0, dtype=np.float64)])
    gaps = np.arange(1, count)
    before = sums[gaps] - sums[np.maximum(gaps - window, 0)]
    after = sums[np.minimum(gaps + window, count)] - sums[gaps]
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    similarity: NDArray[np.float64] = np.round((before * after).sum(axis=1) / np.maximum(lengths, 1e-9), 3)
    return similarity


def gap_costs(similarity: NDArray[np.float64], depth: float) -> NDArray[np.float64]:
    """The cost of a cut at each gap, shape (n,): how far its similarity is above that of a deep valley.

    Only bottoms of valleys that are more than `depth` standard deviations below the mean cost less than zero, so that
    a cut there pays.
    """
    level = similarity.mean() - depth * similarity.std()
    around = np.pad(similarity, 1, constant_values=np.inf)
    bottom = (similarity <= around[:-2]) & (similarity < around[2:])
    costs: NDArray[np.float64] = similarity - level
    return np.where(bottom, costs, np.maximum(costs, 0.0))


def cheapest_cuts(costs: NDArray[np.float64], counts: NDArray[np.int64], limit: int) -> list[int]:
    """Rows before which to cut so that no group of rows has more than `limit` tokens and the cuts cost least together.

    `costs` has shape (n - 1,), `counts` (n,). Linear: the best cut before a row is the least of a sliding window. A row
    over the limit is a group of its own.
    """
    total = len(counts)
    ends = np.concatenate([[0], np.cumsum(counts)])
    best = [0.0] * (total + 1)  # cost of the first n rows, with the cut after them
    came = [0] * (total + 1)
    window: deque[int] = deque()
    for row in range(1, total + 1):
        arriving = row - 1
        while window and best[window[-1]] > best[arriving]:
            window.pop()
        window.append(arriving)
        while len(window) > 1 and ends[row] - ends[window[0]] > limit:
            window.popleft()
        came[row] = window[0]
        best[row] = best[window[0]] + (float(costs[row - 1]) if row < total else 0.0)
    cuts = []
    at = came[total]
    while at > 0:
        cuts.append(at)
        at = came[at]
    return cuts[::-1]


def _behind_headings(document: Document, pieces: list[Span]) -> list[int]:
    """The gaps between a heading and the text under it."""
    parts = parts_of(document.text, sections_of(document))
    ends = {part.span.end for part in parts if part.kind == "heading"}
    return [row for row, piece in enumerate(pieces[:-1]) if piece.end in ends]
