"""Groups of texts -> their sentences with vectors, those of many groups embedded in one call."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..embed.base import Embedder
from ..orders import ordered
from ..sentences import sentence_spans, strip_span
from ..types import Vectors
from .base import Source

_SLICE = 1024
"""Sentences that are embedded in one call: enough to fill batches of like length, few enough to wait for."""
_MOST_KNOWN = 50_000
"""Vectors that are remembered from the level below: 75 MB of 384 dimensions."""
_NONE: Vectors = np.zeros((0, 0), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class GroupSentences:
    """All sentences of a group in reading order: where they stand, in one line each, and their vectors (n, dim)."""

    texts: Sequence[str]
    sources: Sequence[Source]
    plain: Sequence[str]
    vectors: Vectors
    cut: bool = False
    """True where the texts have more sentences, which speak to the model: no summary is made of them."""


class SentenceReader:
    """Reads groups. Threads may share one: the embedder is asked by one at a time."""

    def __init__(self, embedder: Embedder, language: str) -> None:
        self._embedder = embedder
        self._language = language
        self._turn = threading.Lock()
        self._known: dict[str, Vectors] = {}

    def read(self, groups: Iterable[Sequence[str]]) -> Iterator[GroupSentences]:
        """The sentences of every group, in order; groups are taken a slice at a time."""
        waiting: list[GroupSentences] = []
        sentences = 0
        for texts in groups:
            sources, cut = group_sentences(texts, self._language)
            plain = [flat(source.span.of(texts[source.text])) for source in sources]
            waiting.append(GroupSentences(texts, sources, plain, _NONE, cut))
            sentences += len(sources)
            if sentences >= _SLICE:
                yield from self._embedded(waiting)
                waiting, sentences = [], 0
        yield from self._embedded(waiting)

    def _embedded(self, waiting: Sequence[GroupSentences]) -> Iterator[GroupSentences]:
        vectors = self.embed([text for group in waiting for text in group.plain])
        start = 0
        for group in waiting:
            end = start + len(group.plain)
            yield replace(group, vectors=vectors[start:end])
            start = end

    def embed(self, sentences: Sequence[str]) -> Vectors:
        """Vectors of sentences, shape (n, dim); each is embedded once, and what is remembered not at all."""
        with self._turn:
            new = [text for text in dict.fromkeys(sentences) if text not in self._known]
            vectors = dict(zip(new, self._embedder.embed(new), strict=True)) if new else {}
            rows = [vectors[text] if text in vectors else self._known[text] for text in sentences]
        return np.stack(rows) if rows else _NONE

    def remember(self, sentences: Sequence[str], vectors: Vectors) -> None:
        """Keep the vectors of sentences of a summary: on the next level they are the sentences to choose from."""
        with self._turn:
            for text, row in zip(sentences, vectors, strict=True):
                self._known[text] = row.copy()  # a view would keep those of the whole slice
            while len(self._known) > _MOST_KNOWN:
                del self._known[next(iter(self._known))]


def group_sentences(texts: Sequence[str], language: str) -> tuple[list[Source], bool]:
    """The sentences of a group's texts in order, without the white space around them, and whether any was left out.

    Those are left out that give orders to the model, unless there are no others.
    """
    told: list[Source] = []
    orders: list[Source] = []
    for number, text in enumerate(texts):
        spans = [strip_span(text, span) for span in sentence_spans(text, language)]
        for span, under in zip(spans, ordered(text, spans), strict=True):
            (orders if under else told).append(Source(number, span))
    return (told, bool(orders)) if told else (orders, False)


def flat(text: str) -> str:
    """The text in one line."""
    return " ".join(text.split())
