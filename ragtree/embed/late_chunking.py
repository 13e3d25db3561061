"""Late chunking: the model reads whole windows of a document once. The vectors of its chunks, and of the sentences in
them, are the means of their tokens' vectors.

Late Chunking (arXiv 2409.04701), section 3; documents longer than the window as in its "long late chunking".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..settings import EmbedSettings
from ..types import OnProgress, Progress, Vectors, no_progress
from .base import DocumentSpans, SpanVectors, TokenEmbedder, Tokens, unit_rows
from .token_windows import Window, inner_ranges, plan_windows, token_ranges

MARGIN = 32
"""Tokens of context that a chunk keeps at both sides."""

TOKENS_OF_A_TEXT = 64
"""Tokens in a batch of windows for each text of `embed.batch`: a batch of 32 texts has 2,048 tokens. On two cores 1,024
to 4,096 are equally fast; 16,384 do not fit the processor's caches and take a third longer."""

_TO_THE_END = 1 << 30
"""The end of a piece that includes the special tokens after the last token."""


@dataclass(frozen=True, slots=True)
class _Tokenized:
    """A document in tokens: the ranges of its chunks, and for each chunk the rows and ranges of its sentences."""

    tokens: Tokens
    ranges: Sequence[tuple[int, int]]
    sentences: Sequence[Sequence[tuple[int, int, int]]]
    first_row: int
    """Row of the document's first chunk."""


@dataclass(frozen=True, slots=True)
class _ReadWindow:
    """Tokens that are read in one pass, without special tokens, and what is pooled from them."""

    ids: Sequence[int]
    pieces: Sequence[tuple[int, int, int]]
    """Row of the result, and start and end of its tokens, counted from the first special token."""
    chunks: int
    """How many chunks begin in it."""


class LateEmbedder:
    """Vectors of chunks and sentences that are read within their document.

    A chunk has at least `margin` tokens of context on both sides, if the document has them. `DocumentSpans.before` is
    not read, because the document contains it.
    """

    reach = 0

    def __init__(self, model: TokenEmbedder, settings: EmbedSettings, margin: int = MARGIN) -> None:
        # (The 0 was a setting. It stays, so that nothing is embedded again.)
        self.fingerprint = f"{model.name}/late/0/{margin}/3"
        self.tokens_read = 0
        self._model = model
        self._margin = margin
        self._budget = settings.batch * TOKENS_OF_A_TEXT

    def embed_spans(self, documents: Sequence[DocumentSpans], progress: OnProgress = no_progress) -> SpanVectors:
        """Vectors of all chunks and sentences from one pass over the documents."""
        chunks = sum(len(document.spans) for document in documents)
        total = chunks + sum(len(document.inner) for document in documents)
        sums = np.zeros((total, self._model.dimension), dtype=np.float32)
        counts = np.zeros((total, 1), dtype=np.float32)
        readings = sorted(self._readings(documents, chunks), key=lambda one: -len(one.ids))
        done = 0
        for batch in _batches(readings, self._budget):
            for one, vectors in zip(batch, self._model.embed_windows([one.ids for one in batch]), strict=True):
                self.tokens_read += len(vectors)
                _pool(one, vectors, sums, counts)
            done += sum(one.chunks for one in batch)
            progress(Progress("embed", done, chunks))
        rows = unit_rows(sums / np.maximum(counts, 1)) if total else sums
        return SpanVectors(rows[:chunks], rows[chunks:])

    def _readings(self, documents: Sequence[DocumentSpans], chunks: int) -> Iterator[_ReadWindow]:
        """Yield the readings of all documents. Rows number the chunks of all documents first, then all sentences."""
        row, inner_row = 0, chunks
        for document in documents:
            read = self._tokenized(document, row, inner_row)
            for window in plan_windows(len(read.tokens.ids), read.ranges, self._model.window, self._margin):
                yield self._reading(read, window)
            row += len(document.spans)
            inner_row += len(document.inner)

    def _tokenized(self, document: DocumentSpans, row: int, inner_row: int) -> _Tokenized:
        tokens = self._model.tokenize(document.text)
        ranges = token_ranges(tokens.spans, document.spans)
        homes = document.homes()
        sentences: list[list[tuple[int, int, int]]] = [[] for _ in ranges]
        for number, (start, end) in enumerate(inner_ranges(tokens.spans, document.inner, homes, ranges)):
            sentences[homes[number]].append((inner_row + number, start, end))
        return _Tokenized(tokens, ranges, sentences, row)

    def _reading(self, document: _Tokenized, window: Window) -> _ReadWindow:
        """The reading of a window. The special tokens before and after belong to the chunks at the document's two ends,
        and to no sentence: so a document of one chunk has the vector that its text has alone."""
        count = len(document.tokens.ids)
        shift = self._model.marks_before - window.start
        pieces = []
        begun = 0
        for piece in window.pieces:
            first, last = window.start + piece.start, window.start + piece.end
            begun += first == document.ranges[piece.row][0]
            start, end = first + shift if first else 0, last + shift if last < count else _TO_THE_END
            pieces.append((document.first_row + piece.row, start, end))
            for row, low, high in document.sentences[piece.row]:
                low, high = max(low, first), min(high, last)
                if low < high:
                    pieces.append((row, low + shift, high + shift))
                elif not count:
                    pieces.append((row, 0, _TO_THE_END))
        return _ReadWindow(document.tokens.ids[window.start : window.end], pieces, begun)


def _batches(readings: Sequence[_ReadWindow], budget: int) -> Iterator[list[_ReadWindow]]:
    """Yield the readings, given longest first, in batches of at most `budget` tokens after padding to the longest."""
    batch: list[_ReadWindow] = []
    for one in readings:
        if batch and len(batch[0].ids) * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


def _pool(one: _ReadWindow, vectors: Vectors, sums: Vectors, counts: Vectors) -> None:
    """Add the tokens of every piece to its row of `sums` (rows, dim), their number to `counts` (rows, 1).

    `vectors` has a row for every token of the reading, special ones included: shape (tokens, dim).
    """
    for row, start, end in one.pieces:
        own = vectors[start:end]
        sums[row] += own.sum(axis=0)
        counts[row] += len(own)
