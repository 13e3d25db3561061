"""Every chunk is read alone: by its tokens, from which its sentences are pooled too, or as a text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import ModelError
from ..settings import EmbedSettings
from ..types import OnProgress, Progress, Span, no_progress
from .base import DocumentSpans, Embedder, SpanVectors, has_token_vectors
from .late_chunking import LateEmbedder


class PlainEmbedder:
    """A chunk's vector is that of its text, with `DocumentSpans.before` and a line break in front of it.

    Sentences are pooled from the same pass if the model returns token vectors; otherwise they are embedded as texts of
    their own.
    """

    reach = 0

    def __init__(self, embedder: Embedder, settings: EmbedSettings) -> None:
        self.fingerprint = f"{embedder.name}/plain/1"
        self._embedder = embedder
        self._tokens = LateEmbedder(embedder, settings) if has_token_vectors(embedder) else None

    @property
    def tokens_read(self) -> int:
        return self._tokens.tokens_read if self._tokens is not None else 0

    def embed_spans(self, documents: Sequence[DocumentSpans], progress: OnProgress = no_progress) -> SpanVectors:
        """Vectors of all chunks and sentences, every chunk read alone."""
        alone = [part for document in documents for part in _alone(document)]
        found = self._from_tokens(alone, progress) or self._from_texts(alone, progress)
        inner = np.empty_like(found.inner)
        inner[_order(documents)] = found.inner
        return SpanVectors(found.spans, inner)

    def _from_tokens(self, alone: Sequence[DocumentSpans], progress: OnProgress) -> SpanVectors | None:
        """The vectors by tokens; None for a model that turns out not to return them because it is not mean-pooled."""
        if self._tokens is None or not has_token_vectors(self._embedder):
            return None
        try:
            self._embedder.tokenize("")
        except ModelError:
            self._tokens = None
            return None
        return self._tokens.embed_spans(alone, progress)

    def _from_texts(self, alone: Sequence[DocumentSpans], progress: OnProgress) -> SpanVectors:
        chunks = [one.text for one in alone]
        sentences = [" ".join(span.of(one.text).split()) for one in alone for span in one.inner]
        total = len(chunks) + len(sentences)

        def in_chunks(step: Progress) -> None:
            progress(Progress("embed", step.done * len(chunks) // max(1, total), len(chunks)))

        rows = self._embedder.embed([*chunks, *sentences], in_chunks)
        return SpanVectors(rows[: len(chunks)], rows[len(chunks) :])


def _alone(document: DocumentSpans) -> list[DocumentSpans]:
    """A document for every chunk: the chunk with the text before it, and its sentences."""
    homes = document.homes()
    inner: list[list[Span]] = [[] for _ in document.spans]
    parts = []
    for number, chunk in enumerate(document.spans):
        said = document.before[number] if document.before else ""
        parts.append(f"{said}\n{chunk.of(document.text)}" if said else chunk.of(document.text))
    for sentence, home in zip(document.inner, homes, strict=True):
        chunk = document.spans[home]
        shift = len(parts[home]) - (chunk.end - chunk.start) - chunk.start
        start, end = max(sentence.start, chunk.start), min(sentence.end, chunk.end)
        inner[home].append(Span(start + shift, max(start, end) + shift))
    return [DocumentSpans(text, (Span(0, len(text)),), tuple(own)) for text, own in zip(parts, inner, strict=True)]


def _order(documents: Sequence[DocumentSpans]) -> list[int]:
    """For every sentence, chunk by chunk, its place in the order of the documents' sentences."""
    order: list[int] = []
    for document in documents:
        homes = document.homes()
        first = len(order)
        order += [first + index for index in sorted(range(len(homes)), key=homes.__getitem__)]
    return order
