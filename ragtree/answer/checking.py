"""Checks whether a sentence that a model wrote is supported: by rules over words, numbers and names, and by the model.

The rules find sentences that nearly repeat a source, and those that contradict one. They miss a sentence that puts its
source in other words, and pass one that has the words of its sources but says something else ("the tuning cost £4", if
it was the piano). So a model that the user chose judges every sentence by the one passage that says most of it. With
that passage alone a model of 1.5 billion parameters distinguishes true from false much better than with all that were
found (docs/benchmarks.md, What is asked).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..grounding import Support
from ..llm.base import ChatModel, Message
from ..prompting import render
from ..text.languages import is_in
from ..types import Hit
from ..understand.base import Request
from .citation_marks import CitationMarker
from .packing import fenced
from .passages import Passages
from .quoting import has_words_of_orders, leading_documents, shared_words, stands_in
from .yes_or_no import log_odds

logger = logging.getLogger(__name__)

_SEVERAL_PLACES = ("overview", "compare", "list")
"""Kinds of requests whose answers have sentences that join what several passages say."""
_PLACES = 3
"""Most passages by which such a sentence is judged."""
_RULES_TELL = 0.3
"""A sentence for which the rules find sources needs this much less log-odds."""
_JOINED = 1.2
"""A sentence that the rules do not find supported, and that may join several passages, needs this much more log-odds:
with more than one passage a small model affirms too much."""
_SURELY_UNTRUE = -2.0
"""With log-odds below this a sentence is surely not what the documents say. Of 49 sentences that were judged, 7 true
and 10 untrue ones are between this and 0."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The support of a sentence, and the log-odds with which the model takes it for true; None if it was not asked, or
    does not return them."""

    support: Support
    log_odds: float | None = None

    @property
    def is_surely_untrue(self) -> bool:
        """True if neither the rules nor the model find it supported, and the model is sure."""
        return not self.support.sources and self.log_odds is not None and self.log_odds < _SURELY_UNTRUE


class Checker:
    """Checks the sentences of one answer by the rules."""

    def __init__(self, request: Request, passages: Passages, marker: CitationMarker, quoted: frozenset[str]) -> None:
        """`quoted` are the documents in which sources are looked for first."""
        self._request = request
        self._passages = passages
        self._marker = marker
        self._quoted = quoted

    def check(self, sentence: str) -> Support:
        """The rows of the quotes that support a sentence, or of one that contradicts it."""
        quoted = self._quoted if leading_documents(self._passages) else frozenset()
        found = self._marker.check(sentence, quoted)
        return found if found.sources or not quoted else self._marker.check(sentence)

    def obeys(self, sentence: str, instructions: str) -> bool:
        """True for a sentence with a word that only an order in a passage has, and for a sentence of the prompt."""
        if stands_in(sentence, instructions):
            return True
        told = [quote.text for quote in self._passages.quotes]
        return has_words_of_orders(sentence, self._passages.orders, [*told, self._request.question])


class Judge:
    """A language model that judges sentences by passages."""

    def __init__(
        self, model: ChatModel, request: Request, passages: Passages, marker: CitationMarker, least: float
    ) -> None:
        """`least` are the log-odds above which a sentence counts as supported."""
        self._model = model
        self._joins = request.kind in _SEVERAL_PLACES
        self._language = request.language
        self._passages = passages
        self._marker = marker
        self._least = least
        self._chunks = [hit for hit in passages.hits if hit.node.level == 0]

    def judged(self, sentence: str, found: Support, prompts: Path | None) -> Judgement:
        """The support of a sentence, after what the rules have `found`.

        A sentence that the model affirms is supported, even against the rules, if its names and numbers are in the
        passages. Others are not, except for a sentence with sources that may join what several passages say.
        """
        passages = self._passages_for(sentence)
        joins = found.sources and self._joins
        sure = None if joins or not self._can_judge(passages) else self._log_odds(sentence, passages, prompts)
        if sure is None:
            return Judgement(found)
        needed = self._least + (_JOINED if self._joins else 0.0)
        if sure < self._least - _RULES_TELL if found.sources else sure <= needed:
            return Judgement(Support((), 0.0, found.contradicted_by if sure <= self._least else None), sure)
        if found.sources:
            return Judgement(found, sure)
        nearest = self._marker.nearest(sentence, [hit.node for hit in passages])
        return Judgement(Support(nearest, found.score, None if nearest else found.contradicted_by), sure)

    def _can_judge(self, passages: Sequence[Hit]) -> bool:
        """False if there are no passages, or some are in another language than the question: then a small model denies
        what is true."""
        spoken = self._language
        return bool(passages) and all(is_in(hit.node.text, spoken) for hit in passages)

    def _passages_for(self, sentence: str) -> list[Hit]:
        """The passage that says most of a sentence, by its words and its nearest sentence; several if the sentence may
        join them."""
        texts = [hit.node.text for hit in self._chunks]
        shares = shared_words(sentence, texts, self._passages, self._language)
        near = self._marker.nearness(sentence, [hit.node for hit in self._chunks])
        order = sorted(range(len(shares)), key=lambda row: -(shares[row] + near[row]))
        return [self._chunks[row] for row in order[: _PLACES if self._joins else 1]]

    def _log_odds(self, sentence: str, passages: Sequence[Hit], prompts: Path | None) -> float | None:
        """The log-odds with which the model takes the sentence for true; None if it does not return them."""
        text = fenced(passages, self._passages.titles)
        prompt = render("entailed", prompts, passage=text, sentence=sentence)
        sure = log_odds(self._model, [Message("system", prompt.system), Message("user", prompt.user)])
        logger.debug("log-odds of %r: %s", sentence, sure)
        return sure
