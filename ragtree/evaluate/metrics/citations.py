"""Measures whether an answer is right about its sources: its citations, its sentences, and its refusals."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from ...answer.citation_marks import whole_sentences
from ...answer.wording import all_wordings
from ...embed.base import Embedder
from ...errors import DatasetError
from ...grounding import check_support
from ...text.sentences import sentence_spans
from ...types import Answer, Vectors
from ..base import Place, Proof
from .spans import evidence_recall

Supports: TypeAlias = Callable[[str, Sequence[str]], bool]
"""A checker: (a sentence of an answer, the passages that it had) -> True if they support it."""

_MARK = re.compile(r"\s*\[\d+(?:\s*,\s*\d+)*\]")


def cited_places(answer: Answer) -> list[Place]:
    """The places that the answer cites, each once."""
    places = [Place(citation.document_id, citation.span) for citation in answer.citations]
    return list(dict.fromkeys(places))


def citation_precision(answer: Answer, proofs: Sequence[Proof]) -> float:
    """Share of the cited places that overlap any place of a proof (0 to 1); 0 if nothing is cited.

    Raises DatasetError without proofs.
    """
    if not proofs:
        raise DatasetError("there is no proof to compare citations with; measure only questions that have proofs")
    cited = cited_places(answer)
    gold = [place for proof in proofs for place in proof.places]
    right = sum(any(key == other and span.overlap(proof) for other, proof in gold) for key, span in cited)
    return right / len(cited) if cited else 0.0


def citation_recall(answer: Answer, proofs: Sequence[Proof]) -> float:
    """Share of a proof's characters that are cited, the mean over the proofs (0 to 1), as in `evidence_recall`."""
    return evidence_recall(proofs, cited_places(answer))


def faithfulness(answer: Answer, supports: Supports, language: str = "en") -> float:
    """Share of the answer's sentences that its own sources support (0 to 1).

    As in RAGAS (Es et al. 2023, section 3), with sentences instead of statements. The sources are the chunks that were
    found and the passages that are cited: originals, never summaries. An answer that claims nothing, such as a refusal,
    claims nothing wrong and has 1.
    """
    sentences = list(whole_sentences([plain_text(answer)], language))
    if not sentences:
        return 1.0
    sources = source_texts(answer)
    return sum(supports(sentence, sources) for sentence in sentences) / len(sentences)


def source_texts(answer: Answer) -> tuple[str, ...]:
    """The original texts that the answer had: chunks among its hits, and its citations (also from summaries)."""
    chunks = [hit.node.text for hit in answer.hits if hit.node.level == 0]
    return tuple(dict.fromkeys([*chunks, *(citation.quote for citation in answer.citations)]))


def plain_text(answer: Answer) -> str:
    """The answer's text without its [n] marks and without ragtree's own wordings; a plain refusal is empty."""
    numbers = {str(citation.number) for citation in answer.citations}

    def unless_a_mark(found: re.Match[str]) -> str:
        return "" if set(re.findall(r"\d+", found[0])) <= numbers else found[0]

    text = _MARK.sub(unless_a_mark, answer.text)
    for words in all_wordings():
        text = text.replace(words, "")
    return text.strip()


def abstention(answer: Answer, unanswerable: bool) -> float:
    """1.0 if the answer refuses a question without an answer, or does not refuse one with an answer; else 0.0."""
    return float(answer.supported != unanswerable)


class GroundingCheck:
    """The check that ragtree's own answers must pass, as a checker for `faithfulness`."""

    def __init__(self, embedder: Embedder, threshold: float, question: str = "", language: str = "en") -> None:
        self._embedder = embedder
        self._threshold = threshold
        self._question = question
        self._language = language
        self._read: tuple[tuple[str, ...], list[str], Vectors | None] = ((), [], None)

    def __call__(self, sentence: str, sources: Sequence[str]) -> bool:
        quotes, vectors = self._quotes(tuple(sources))
        if vectors is None:
            return False
        similarity = vectors @ self._embedder.embed([sentence])[0]
        return bool(check_support(sentence, quotes, similarity, self._threshold, self._question).sources)

    def _quotes(self, sources: tuple[str, ...]) -> tuple[list[str], Vectors | None]:
        """The sources' sentences and their vectors, kept for the answer's next sentence."""
        known, quotes, vectors = self._read
        if sources != known:
            found = (
                " ".join(span.of(text).split()) for text in sources for span in sentence_spans(text, self._language)
            )
            quotes = list(dict.fromkeys(quote for quote in found if quote))
            vectors = self._embedder.embed(quotes) if quotes else None
            self._read = (sources, quotes, vectors)
        return quotes, vectors
