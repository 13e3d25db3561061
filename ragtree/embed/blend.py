"""Both vectors of a chunk together: read alone, and read within its document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..types import OnProgress, Progress, no_progress
from .base import DocumentSpans, SpanEmbedder, SpanVectors, unit_rows


class BlendEmbedder:
    """The normalized sum of two embedders' vectors, at the cost of both. Sentences get their vectors from `plain`."""

    reach = 0

    def __init__(self, plain: SpanEmbedder, late: SpanEmbedder) -> None:
        self.fingerprint = f"{plain.fingerprint}+{late.fingerprint}"
        self._plain = plain
        self._late = late

    @property
    def tokens_read(self) -> int:
        return self._plain.tokens_read + self._late.tokens_read

    def embed_spans(self, documents: Sequence[DocumentSpans], progress: OnProgress = no_progress) -> SpanVectors:
        """Vectors of all chunks and sentences from two passes."""

        def first_half(step: Progress) -> None:
            progress(Progress(step.stage, step.done // 2, step.total))

        def second_half(step: Progress) -> None:
            progress(Progress(step.stage, (step.total + step.done) // 2, step.total))

        alone = self._plain.embed_spans(documents, first_half)
        late = self._late.embed_spans([replace(document, inner=()) for document in documents], second_half)
        return SpanVectors(unit_rows(alone.spans + late.spans) if len(alone.spans) else alone.spans, alone.inner)
