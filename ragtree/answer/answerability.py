"""Judges without a model whether the passages answer the question, by how near they are to it.

There are three signals, on the scale of cosines. First, how near the best place is. Its best sentence does not show
that, because it is also near to questions that are only about the same people; so a stretch of sentences counts, or the
score of a retriever that looked at the chunks around it. Second, how much less near the nearest sentence is that has
what is wanted (a time, a number, a name), in the month that is asked about (tests/benchmarks/test_refusals.py measures
both). Third, whether one sentence has all words of the question: short questions ("What was the second cause?") are
near to no sentence.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..text.terms import content_words
from ..understand.base import Request
from .answer_type import answer_type_test, month_test
from .passages import Passages, Quote
from .quoting import is_overview, shared_words

_STRETCH = 3
"""Sentences on each side of one that belong to the same place."""
_BEST_OF_STRETCH = 4
_FAR = 1200
"""Sentences of a document that are this many characters apart are not in the same place."""
_WORDS_WEIGHT = 0.4
_MOST_GAP = 0.4
_GAP_WEIGHT = 0.8
_LOOKED_AROUND = {"dense", "leaves"}
"""Ranks of hits whose scores are cosines of chunks."""
_ALL_WORDS = 0.1
"""Added if one sentence has all content words of a question that has at least two. On XQuAD with half of the
paragraphs left out this holds for .16 of the questions with an answer, and for .01 of those without."""
_WORDS_OF_A_QUESTION = 2
_NEARLY = 0.999
"""A share of all words, except for rounding."""
_UNFUSED = 0.07
"""Added if a mode has other scores: a stretch of sentences is this much less near than a chunk."""


def answerability(request: Request, passages: Passages, relevance: Sequence[float]) -> float:
    """How sure it is that the passages answer the question, about -0.5 to 1; -1 if there are none.

    `relevance` is the cosine of the question to each quote.
    """
    if not passages.quotes:
        return -1.0
    if is_overview(passages):
        return 1.0  # it asks for an overview, which is near to no sentence
    question, language = request.question, request.language
    near = np.array(relevance, dtype=np.float64)
    shares = np.array(shared_words(question, [quote.text for quote in passages.quotes], passages, language))
    all_words = shares.max() > _NEARLY and len(content_words(question, language)) >= _WORDS_OF_A_QUESTION
    gap = min(_MOST_GAP, _gap(request, passages, near + _WORDS_WEIGHT * shares))
    return _nearest_place(passages, near) + _ALL_WORDS * all_words - _GAP_WEIGHT * gap


def _nearest_place(passages: Passages, near: NDArray[np.float64]) -> float:
    fused = [hit.score for hit in passages.hits if _LOOKED_AROUND & hit.ranks.keys()]
    return max(fused) if fused else _best_stretch(passages.quotes, near) + _UNFUSED


def _best_stretch(quotes: Sequence[Quote], near: NDArray[np.float64]) -> float:
    """The mean cosine of the best sentences of a stretch; the highest of all stretches."""
    places = [(quote.citation.document_id, quote.citation.span.start) for quote in quotes]
    order = sorted(range(len(quotes)), key=lambda row: places[row])
    best = -1.0
    for at, row in enumerate(order):
        document, start = places[row]
        around = order[max(0, at - _STRETCH) : at + _STRETCH + 1]
        same = [one for one in around if places[one][0] == document and abs(places[one][1] - start) < _FAR]
        best = max(best, float(np.sort(near[same])[-_BEST_OF_STRETCH:].mean()))
    return best


def _gap(request: Request, passages: Passages, scores: NDArray[np.float64]) -> float:
    """How much the best sentence with what is asked for scores below the best one; 0 if it is the best one."""
    fits = _fitting(request, passages)
    if fits is None:
        return 0.0
    return float(scores.max() - scores[fits].max()) if fits.any() else _MOST_GAP


def _fitting(request: Request, passages: Passages) -> NDArray[np.bool_] | None:
    """Which quotes have what is asked for, in the time that is asked about; None if any may."""
    has, of_it = answer_type_test(request), month_test(request.question)
    if has is None and of_it is None:
        return None
    return np.array(
        [
            (has is None or has(quote.text)) and (of_it is None or of_it(_around(quote, passages)))
            for quote in passages.quotes
        ]
    )


def _around(quote: Quote, passages: Passages) -> str:
    """The sentence, its chunk, the headings above it and the name of its file: all may have a date."""
    place = quote.citation
    chunks = [
        hit.node.text
        for hit in passages.hits
        if hit.node.document_id == place.document_id and hit.node.level == 0 and hit.node.span.overlap(place.span)
    ]
    return "\n".join([place.source, *place.location.heading, quote.text, *chunks])
