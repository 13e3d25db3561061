"""Sentences from a model -> sentences with marks that a check has placed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from ..embed.base import Embedder
from ..grounding import Support, check_support, names_and_numbers_supported
from ..llm.base import Restart
from ..text.folding import fold
from ..text.sentences import sentence_spans
from ..types import Citation, Node, Vectors
from .contradictions import find_contradictions
from .passages import Quote

_MODELS_OWN_MARK = re.compile(r"\s*\[\d+(?:\s*,\s*\d+)*\]")
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t].*$", re.MULTILINE)
_MOST_NEAREST = 2
_NEAR = 0.1
"""Most quotes that are cited if only a model finds a sentence supported, and how much less near the second may be."""
_NEAR_ELSEWHERE = 0.25
"""How much less near the best quote of another document may be, for a sentence that joins what several say."""
_LONGEST_WAIT = 2000
"""Characters after which a text is cut into sentences even if the last piece ends none."""


class CitationMarker:
    """Checks sentences by the quotes, and numbers citations in the order in which they are first used."""

    def __init__(self, quotes: Sequence[Quote], embedder: Embedder, threshold: float, question: str) -> None:
        self._quotes = quotes
        self._embedder = embedder
        self._threshold = threshold
        self._question = question
        self._vectors = embedder.embed([fold(quote.text) for quote in quotes]) if quotes else None
        self._last: tuple[str, Vectors] | None = None
        self._numbers: dict[int, int] = {}

    @property
    def citations(self) -> tuple[Citation, ...]:
        """What has been cited, by number."""
        return tuple(replace(self._quotes[index].citation, number=number) for index, number in self._numbers.items())

    def check(self, sentence: str, documents: Collection[str] = ()) -> Support:
        """The rows of the quotes that support the sentence, best first; none if it is not supported.

        With `documents` (ids) only their quotes count.
        """
        rows = [
            row for row, quote in enumerate(self._quotes) if not documents or quote.citation.document_id in documents
        ]
        if self._vectors is None or not rows:
            return Support((), 0.0)
        similarity = self._similarity(sentence)[rows]
        texts = [self._quotes[row].text for row in rows]
        found = check_support(sentence, texts, similarity, self._threshold, self._question)
        against = None if found.contradicted_by is None else rows[found.contradicted_by]
        return replace(found, sources=tuple(rows[index] for index in found.sources), contradicted_by=against)

    def nearest(self, sentence: str, chunks: Sequence[Node]) -> tuple[int, ...]:
        """The rows of the quotes in some chunks that are most similar to a sentence, and the best one of each other
        document that is nearly as similar; none if the sentence's names and numbers are not in the passages."""
        texts = [quote.text for quote in self._quotes]
        rows = [row for chunk in chunks for row in self._of(chunk)]
        if self._vectors is None or not rows or not names_and_numbers_supported(sentence, texts, self._question):
            return ()
        similarity = self._similarity(sentence)[rows]
        order = np.argsort(-similarity, kind="stable")
        most = float(similarity[order[0]])
        best = [rows[one] for one in order[:_MOST_NEAREST] if similarity[one] >= most - _NEAR]
        near = [rows[one] for one in order if similarity[one] >= most - _NEAR_ELSEWHERE]
        cited = {self._quotes[row].citation.document_id for row in best}
        for row in near:
            document = self._quotes[row].citation.document_id
            if document not in cited:
                best.append(row)
                cited.add(document)
        return tuple(best)

    def nearness(self, sentence: str, chunks: Sequence[Node]) -> list[float]:
        """For each chunk, the cosine of a sentence to its most similar quote; -1 if a chunk has none."""
        if self._vectors is None:
            return [-1.0] * len(chunks)
        similarity = self._similarity(sentence)
        return [max((float(similarity[row]) for row in self._of(chunk)), default=-1.0) for chunk in chunks]

    def _similarity(self, sentence: str) -> Vectors:
        """Cosine of a sentence to every quote, shape (quotes,); kept for the last sentence."""
        assert self._vectors is not None
        if self._last is None or self._last[0] != sentence:
            self._last = (sentence, self._vectors @ self._embedder.embed([fold(sentence)])[0])
        return self._last[1]

    def _of(self, chunk: Node) -> list[int]:
        """The rows of the quotes in a chunk."""
        placed = ((row, quote.citation) for row, quote in enumerate(self._quotes))
        return [row for row, one in placed if one.document_id == chunk.document_id and one.span.overlap(chunk.span)]

    def relevance(self) -> list[float]:
        """Cosine of the question to every quote."""
        if self._vectors is None:
            return []
        return [float(score) for score in self._vectors @ self._embedder.embed_query(fold(self._question))]

    def contradictions(self) -> list[tuple[int, int]]:
        """Pairs of quotes that contradict each other, of which the first is cited."""
        if self._vectors is None:
            return []
        return find_contradictions(list(self._numbers), self._quotes, self._vectors)

    @property
    def cited(self) -> Collection[int]:
        """The rows of the quotes that have a number already."""
        return self._numbers.keys()

    def mark(self, quotes: Iterable[int]) -> str:
        """The marks of these quotes, such as `[1][3]`."""
        return "".join(f"[{self._numbers.setdefault(index, len(self._numbers) + 1)}]" for index in quotes)


def whole_sentences(pieces: Iterable[str], language: str) -> Iterator[str]:
    """Yield the sentences of a stream, in one line each and without marks of the model's own.

    If a piece starts the text again, the text that waits is dropped; the caller has to drop the sentences before it.
    """
    waiting = ""
    for piece in pieces:
        waiting = piece if isinstance(piece, Restart) else waiting + piece
        if not re.search(r"[.!?。！？।\n]", piece) and len(waiting) < _LONGEST_WAIT:
            continue
        spans = sentence_spans(waiting, language)
        for span in spans[:-1]:
            yield from _clean(span.of(waiting))
        if spans:
            waiting = spans[-1].of(waiting)
    for span in sentence_spans(waiting, language):  # an answer that was cut off may end with one and a half
        yield from _clean(span.of(waiting))


def _clean(sentence: str) -> Iterator[str]:
    """Yield the sentence in one line, without a heading above it; nothing for the number of a list, a row of a table
    or a salutation."""
    text = " ".join(_HEADING.sub("", _MODELS_OWN_MARK.sub("", sentence)).split())
    if any(character.isalpha() for character in text) and not text.startswith("|") and not text.endswith((",", ":")):
        yield text
