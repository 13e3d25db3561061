"""Which sentences of the passages answer best, where the originals have to speak for themselves."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from ..grounding import content_words, stem
from .passages import Passages, Quote

_PASSAGE_WEIGHT = 0.5
_WORDS_WEIGHT = 0.4
"""Weights of the passage's score and of shared words beside the sentence's own similarity. On examples/library's
questions three sentences chosen so hold .26 of the proof; by similarity alone .22, and .19 with fragments let in."""
_LEAST_WORDS = 5
_MARKUP = "*_#> \t"


def rank_quotes(question: str, passages: Passages, relevance: Sequence[float]) -> list[int]:
    """Rows of `passages.quotes`, best first. Fragments, headings and table rows come only where nothing else is.

    `relevance` is the cosine of the question to each quote.
    """
    shares = shared_words(question, [quote.text for quote in passages.quotes], passages)
    scores = [
        near + _PASSAGE_WEIGHT * _passage_score(quote, passages) + _WORDS_WEIGHT * share
        for quote, near, share in zip(passages.quotes, relevance, shares, strict=True)
    ]
    order = sorted(range(len(scores)), key=lambda row: -scores[row])
    telling = [row for row in order if is_sentence(passages.quotes[row].text)]
    return telling or order


def shared_words(question: str, texts: Sequence[str], passages: Passages) -> list[float]:
    """Of each text, which of the question's words it has (0 to 1), the rare ones among the passages counting more."""
    weights = _word_weights(question, [hit.node.text for hit in passages.hits])
    return [_shared(text, weights) for text in texts]


def is_sentence(text: str) -> bool:
    """True for what can stand alone: some words and an end, no heading and no row of a table."""
    bare = plain(text)
    return (
        len(bare.split()) >= _LEAST_WORDS
        and not text.lstrip().startswith(("|", "#", "- |"))
        and bare.rstrip("\"'”’)»").endswith((".", "!", "?", "…", "。", "！", "？", "।"))
    )


def plain(text: str) -> str:
    """The words without the markup around them; a [12] of the original's own cannot be taken for one of ours."""
    return re.sub(r"\[(\d+(?:\s*,\s*\d+)*)\]", r"(\1)", text.strip(_MARKUP))


def _passage_score(quote: Quote, passages: Passages) -> float:
    """The score of the best chunk that the quote stands in; evidence of a summary counts as the last hit."""
    inside = [
        hit.score
        for hit in passages.hits
        if hit.node.level == 0
        and hit.node.document_id == quote.citation.document_id
        and hit.node.span.overlap(quote.citation.span)
    ]
    return max(inside, default=passages.hits[-1].score)


def _word_weights(question: str, texts: Sequence[str]) -> dict[str, float]:
    """The question's words, the heavier the fewer of the passages have them; together 1."""
    found = Counter(term for text in texts for term in _terms(text))
    weights = {term: math.log(1 + len(texts) / (found[term] + 0.5)) for term in _terms(question)}
    total = sum(weights.values())
    return {term: weight / total for term, weight in weights.items()} if total else {}


def _shared(text: str, weights: dict[str, float]) -> float:
    terms = _terms(text)
    return sum(weight for term, weight in weights.items() if term in terms)


def _terms(text: str) -> set[str]:
    return {stem(word) for word in content_words(text)} | set(re.findall(r"\d+", text))
