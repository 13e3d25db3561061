"""The most central sentences, none twice, in reading order. Nothing is invented."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence

import numpy as np

from ..embed.base import Embedder
from ..settings import SummarizeSettings
from ..text.self_contained import is_self_contained, is_sentence
from ..text.tokens import count_tokens
from ..types import Span, Vectors
from .base import Group, Source, Summary, SummarySentence
from .group_sentences import GroupSentences, SentenceReader, flat, sentences_of

_REDUNDANCY = 0.3
"""Weight of the similarity to sentences that are already chosen (maximal marginal relevance)."""
_SAME = 0.9
"""Sentences more similar than this say the same."""


class ExtractiveSummarizer:
    """Chooses the sentences with the highest cosine to the mean of the group, so the cost is linear in the text."""

    def __init__(self, settings: SummarizeSettings, embedder: Embedder, language: str) -> None:
        self._budget = settings.tokens
        self._reader = SentenceReader(embedder, language)
        self.fingerprint = f"extractive/{settings.tokens}/{language}/{embedder.name}/2"

    def summarize(self, groups: Iterable[Group]) -> Generator[Summary, None, None]:
        for group in self._reader.read(groups):
            yield extract(group, self._budget, central(group, self._budget))


def verbatim(texts: Sequence[str], language: str) -> Summary:
    """All sentences of the texts, in order: the summary of texts that are no longer than one."""
    group = sentences_of(Group(texts), language)
    rows = zip(group.plain, group.sources, strict=True)
    return Summary(tuple(SummarySentence(text, (source,), 1.0) for text, source in rows if text), "verbatim")


def extract(group: GroupSentences, budget: int, chosen: Sequence[int]) -> Summary:
    """The chosen sentences as a summary; if none was chosen, as much of the first one as fits."""
    if not chosen:
        first = telling(group.plain)[0]
        return Summary((_beginning(group.texts, group.sources[first], budget),), "extractive")
    return Summary(tuple(SummarySentence(group.plain[row], (group.sources[row],), 1.0) for row in chosen), "extractive")


def central(group: GroupSentences, budget: int) -> list[int]:
    """The most central sentences of a group that fit `budget` tokens together, in reading order."""
    rows = telling(group.plain)
    counts = [count_tokens(group.plain[row]) for row in rows]
    return [rows[index] for index in choose(group.vectors[rows], counts, budget)]


def telling(sentences: Sequence[str]) -> list[int]:
    """The rows of the sentences that can be read alone; if there are none, of whole sentences; else all rows."""
    for test in (is_self_contained, is_sentence):
        rows = [row for row, text in enumerate(sentences) if test(text)]
        if rows:
            return rows
    return list(range(len(sentences)))


def _beginning(texts: Sequence[str], source: Source, budget: int) -> SummarySentence:
    text = texts[source.text]
    end = source.span.end
    while count_tokens(flat(text[source.span.start : end])) > budget and end > source.span.start + 1:
        end = source.span.start + (end - source.span.start) * 3 // 4
        space = text.rfind(" ", source.span.start + 1, end)
        end = space if space > 0 else end
    span = Span(source.span.start, end)
    return SummarySentence(flat(span.of(text)), (Source(source.text, span),), 1.0)


def choose(vectors: Vectors, counts: Sequence[int], budget: int, same: float = _SAME) -> list[int]:
    """Rows of central sentences (n, dim) that fit `budget` tokens together, ascending.

    Of sentences more similar than `same`, only one is chosen.
    """
    centre = vectors.mean(axis=0)
    centrality = vectors @ (centre / max(float(np.linalg.norm(centre)), 1e-9))
    nearest = np.zeros(len(vectors))
    open_rows = np.ones(len(vectors), dtype=bool)
    chosen: list[int] = []
    sizes = np.asarray(counts)
    left = budget
    while open_rows.any():
        open_rows &= sizes <= left
        open_rows &= nearest < same
        if not open_rows.any():
            break
        worth = np.where(open_rows, centrality - _REDUNDANCY * nearest, -np.inf)
        best = int(worth.argmax())
        chosen.append(best)
        open_rows[best] = False
        left -= int(sizes[best]) + 1  # the space between two sentences can cost a token
        nearest = np.maximum(nearest, vectors @ vectors[best])
    return sorted(chosen)
