"""Chunks by the layout of a page: elements that are close together and alike in meaning (S2 Chunking, Verma 2025, arXiv
2501.05485: a graph weighted by position and meaning, spectral clustering, a token limit)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..embed.base import Embedder
from ..settings import ChunkSettings
from ..types import Block, Document, Span, Vectors
from .base import Chunker
from .budget import ChunkLimit, join_blank, pack
from .parts import MarkupPart
from .structure import StructureChunker, pieces_of

_WINDOW = 100
"""Elements that are clustered at once: the time of the clustering grows with their cube."""
_SMALL = 0.25
"""A run of elements below this share of the limit joins its neighbour, if both fit together."""
_LINE = 12.0
"""Points of distance that count as one step between elements."""
_NEIGHBOURS = 0.5
"""Least nearness of elements that follow each other, even across the end of a column or page."""


class LayoutChunker:
    """Chunks are runs of page elements of one cluster. A document without a layout is cut by `otherwise`, or by its
    structure."""

    def __init__(self, settings: ChunkSettings, embedder: Embedder, otherwise: Chunker | None = None) -> None:
        self._tokens = settings.tokens
        self._language = settings.language
        self._embedder = embedder
        self.without_embedding: Chunker = otherwise or StructureChunker(settings)
        self.fingerprint = f"layout/{embedder.name}/{self.without_embedding.fingerprint}/1"

    def chunk(self, document: Document) -> list[Span]:
        if not document.blocks:
            return self.without_embedding.chunk(document)
        text, blocks = document.text, document.blocks
        budget = ChunkLimit(text, self._tokens)
        starts = [0, *(block.span.start for block in blocks[1:]), len(text)]
        spans = [Span(start, end) for start, end in pairwise(starts)]
        cuts: list[int] = []
        for first in range(0, len(spans), _WINDOW):
            rows = slice(first, first + _WINDOW)
            cuts.extend(first + cut for cut in self._cuts(blocks[rows], spans[rows], budget))
        chunks: list[Span] = []
        for begin, end in pairwise([*self._kept(cuts, blocks, spans, budget), len(spans)]):
            run = zip(blocks[begin:end], spans[begin:end], strict=True)
            chunks.extend(pack((piece for block, span in run for piece in self._pieces(block, span, budget)), budget))
        return join_blank(text, chunks)

    def _cuts(self, blocks: Sequence[Block], spans: Sequence[Span], budget: ChunkLimit) -> list[int]:
        """The rows at which a run of elements begins: the first row and, if there are several runs, every heading."""
        counts = [budget.about(span) for span in spans]
        groups = -(-sum(counts) // self._tokens)
        if groups < 2 or len(spans) < 2:
            return [0]
        vectors = self._embedder.embed([span.of(budget.text) for span in spans])
        boxes = np.array([block.box for block in blocks], dtype=np.float64)
        pages = np.array([block.page for block in blocks])
        labels = clusters(weights(vectors, boxes, pages), groups)
        headings = {row for row, block in enumerate(blocks) if block.kind == "heading"}
        return [0, *(row for row in range(1, len(spans)) if labels[row] != labels[row - 1] or row in headings)]

    def _kept(
        self, cuts: Sequence[int], blocks: Sequence[Block], spans: Sequence[Span], budget: ChunkLimit
    ) -> list[int]:
        """The cuts without those that separate a heading from its text, or leave a run too small to stand alone."""
        kept = [0]
        for cut, following in pairwise([*cuts[1:], len(spans)]):
            while cut > kept[-1] + 1 and blocks[cut - 1].kind == "heading":
                cut -= 1
            before = Span(spans[kept[-1]].start, spans[cut - 1].end)
            run = Span(spans[cut].start, spans[following - 1].end)
            least = _SMALL * budget.tokens
            small = min(budget.about(before), budget.about(run)) < least and budget.fits(Span(before.start, run.end))
            if not small and blocks[cut - 1].kind != "heading":
                kept.append(cut)
        return kept

    def _pieces(self, block: Block, span: Span, budget: ChunkLimit) -> Iterator[Span]:
        if budget.fits(span):
            yield span
        else:
            yield from pieces_of(MarkupPart(span, "table" if block.kind == "table" else "text"), budget, self._language)


def weights(vectors: Vectors, boxes: NDArray[np.float64], pages: NDArray[np.int64]) -> NDArray[np.float64]:
    """How much elements belong together, shape (n, n), symmetric, 0 to 1: half by position, half by meaning.

    `vectors` has shape (n, dim), `boxes` (n, 4: left, top, right, bottom in points), `pages` (n,). Nearness falls with
    the space between two boxes; on another page it is 0, except for elements that follow each other.
    """
    left, top, right, bottom = boxes.T
    beside = np.maximum(0, np.maximum(left[:, None] - right[None], left[None] - right[:, None]))
    below = np.maximum(0, np.maximum(top[:, None] - bottom[None], top[None] - bottom[:, None]))
    near = 1.0 / (1.0 + np.hypot(beside, below) / _LINE)
    near[pages[:, None] != pages[None]] = 0.0
    rows = np.arange(len(boxes) - 1)
    near[rows, rows + 1] = near[rows + 1, rows] = np.maximum(near[rows, rows + 1], _NEIGHBOURS)
    alike = np.round(np.clip(vectors @ vectors.T, 0.0, 1.0).astype(np.float64), 3)
    both: NDArray[np.float64] = (near + alike) / 2
    return both


def clusters(weights: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Labels of `count` spectral clusters of a graph with these weights (n, n); with n <= `count`, one for each row."""
    from sklearn.cluster import spectral_clustering

    if count >= len(weights):
        return np.arange(len(weights))
    labels: NDArray[np.int64] = spectral_clustering(
        weights, n_clusters=count, random_state=0, assign_labels="cluster_qr", eigen_solver="arpack"
    )
    return labels
