"""Whole sentences up to a token budget (RAPTOR, arXiv 2401.18059, section 3: 100 tokens)."""

from __future__ import annotations

from itertools import pairwise

from ..sentences import sentence_spans
from ..settings import ChunkSettings
from ..tokens import count_tokens
from ..types import Span


class SentenceChunker:
    """Fills a chunk with sentences until the next would not fit; a longer sentence is cut between words."""

    def __init__(self, settings: ChunkSettings) -> None:
        self._budget = settings.tokens
        self._language = settings.language
        self.fingerprint = f"sentences/{settings.tokens}/{settings.language}/1"

    def chunk(self, text: str) -> list[Span]:
        chunks: list[Span] = []
        start = end = tokens = 0
        for sentence in self._pieces(text):
            count = count_tokens(sentence.of(text))
            # Counts add up only nearly, as tokens can join over a boundary; the whole is counted where it matters.
            full = tokens + count > self._budget or (
                tokens + count > self._budget * 0.8 and count_tokens(text[start : sentence.end]) > self._budget
            )
            if full and end > start:
                chunks.append(Span(start, end))
                start, tokens = end, 0
            end = sentence.end
            tokens += count
        if end > start:
            chunks.append(Span(start, end))
        return _join_blank(text, chunks)

    def _pieces(self, text: str) -> list[Span]:
        pieces: list[Span] = []
        for sentence in sentence_spans(text, self._language):
            if count_tokens(sentence.of(text)) <= self._budget:
                pieces.append(sentence)
            else:
                pieces.extend(self._cut(text, sentence))
        return pieces

    def _cut(self, text: str, sentence: Span) -> list[Span]:
        """Halve until it fits, each time at the white space nearest to the middle, if there is any."""
        if count_tokens(sentence.of(text)) <= self._budget or sentence.end - sentence.start < 2:
            return [sentence]
        middle = (sentence.start + sentence.end) // 2
        reach = (sentence.end - sentence.start) // 4
        cut = next(
            (
                at
                for distance in range(reach)
                for at in (middle - distance, middle + distance)
                if text[at - 1].isspace() and not text[at].isspace()
            ),
            middle,
        )
        left, right = Span(sentence.start, cut), Span(cut, sentence.end)
        return [*self._cut(text, left), *self._cut(text, right)]


def _join_blank(text: str, chunks: list[Span]) -> list[Span]:
    """A chunk of white space alone says nothing: it goes to the chunk before it."""
    kept = [span for span in chunks if span.of(text).strip()]
    if not kept:
        return chunks[:1] if not chunks else [Span(chunks[0].start, chunks[-1].end)]
    bounds = [chunks[0].start, *(span.start for span in kept[1:]), chunks[-1].end]
    return [Span(start, end) for start, end in pairwise(bounds)]
