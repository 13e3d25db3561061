"""Groups of texts -> their sentences with vectors."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..embed.base import Embedder, unit_rows
from ..text.injections import gives_orders, ordered
from ..text.sentences import sentence_spans, strip_span
from ..types import Vectors
from .base import Group, Source

_SLICE = 1024
"""Sentences that are embedded in one call: enough to fill batches of similar length, few enough to wait for."""
_COMMON = 0.7
"""Share of the mean direction of a text's sentences that is subtracted, if they were pooled from the whole text."""
_NONE: Vectors = np.zeros((0, 0), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class GroupSentences:
    """The sentences of a group in reading order: their sources, their texts in one line, and their vectors (n, dim)."""

    texts: Sequence[str]
    sources: Sequence[Source]
    plain: Sequence[str]
    vectors: Vectors
    cut: bool = False
    """True if the texts have more sentences, which were left out because of orders to the model."""
    known: Mapping[str, Vectors] = field(default_factory=dict)
    """Vectors of sentences, by their text in one line."""
    pooled: bool = False
    """As in `Group`."""


class SentenceReader:
    """Reads groups. Threads may share one: they use the embedder in turn."""

    def __init__(self, embedder: Embedder, language: str) -> None:
        self._embedder = embedder
        self._language = language
        self._turn = threading.Lock()

    def read(self, groups: Iterable[Group]) -> Iterator[GroupSentences]:
        """Yield the sentences of every group, in order; groups are embedded a slice at a time."""
        waiting: list[GroupSentences] = []
        sentences = 0
        for group in groups:
            found = sentences_of(group, self._language)
            waiting.append(found)
            sentences += sum(text not in group.known for text in found.plain)
            if sentences >= _SLICE:
                yield from self._embedded(waiting)
                waiting, sentences = [], 0
        yield from self._embedded(waiting)

    def _embedded(self, waiting: Sequence[GroupSentences]) -> Iterator[GroupSentences]:
        new = list(dict.fromkeys(text for group in waiting for text in group.plain if text not in group.known))
        vectors = dict(zip(new, self.embed(new), strict=True)) if new else {}
        for group in waiting:
            rows = [group.known[text] if text in group.known else vectors[text] for text in group.plain]
            found = np.stack(rows) if rows else _NONE
            yield replace(group, vectors=_set_apart(found, group.sources) if group.pooled and rows else found)

    def embed(self, sentences: Sequence[str]) -> Vectors:
        """Vectors of sentences, each embedded alone, shape (n, dim)."""
        with self._turn:
            return self._embedder.embed(sentences) if sentences else _NONE


def sentences_of(group: Group, language: str) -> GroupSentences:
    """The sentences of a group's texts in order, without the white space around them and without vectors.

    Sentences that give orders to the model are left out, and so are those that an order before them may want it to say.
    If there are no others, the latter stay, such as the rows of a table that begins with an order.
    """
    told: list[Source] = []
    under: list[Source] = []
    orders: list[Source] = []
    for number, text in enumerate(group.texts):
        spans = [strip_span(text, span) for span in sentence_spans(text, language)]
        for span, is_under in zip(spans, ordered(text, spans), strict=True):
            kind = told if not is_under else orders if gives_orders(flat(span.of(text))) else under
            kind.append(Source(number, span))
    says = any(any(map(str.isalpha, source.span.of(group.texts[source.text]))) for source in under)
    every = sorted([*orders, *under], key=lambda source: (source.text, source.span.start))
    sources = told or (under if says else every)
    plain = [flat(source.span.of(group.texts[source.text])) for source in sources]
    cut = len(sources) < len(told) + len(under) + len(orders)
    return GroupSentences(group.texts, sources, plain, _NONE, cut, group.known, group.pooled)


def _set_apart(vectors: Vectors, sources: Sequence[Source]) -> Vectors:
    """The vectors, shape (n, dim), without most of what those of one text have in common, which makes them hard to
    tell apart."""
    texts = np.array([source.text for source in sources])
    apart = np.array(vectors)
    for text in np.unique(texts):
        rows = texts == text
        mean = vectors[rows].mean(axis=0)
        apart[rows] -= _COMMON * mean / max(float(np.linalg.norm(mean)), 1e-12)
    return unit_rows(apart)


def flat(text: str) -> str:
    """The text in one line."""
    return " ".join(text.split())
