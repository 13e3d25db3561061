"""Is a sentence that a model wrote supported? By rules over words, numbers and names; and in the model's own judgement.

The rules find what nearly repeats a source, and what says otherwise. They miss a sentence that puts its source in other
words, and let one pass that has the words of its sources and says another thing ("the tuning cost £4", where the piano
did). So a model that the user chose judges every sentence by the one passage that says most of it. Over that passage
alone a model of 1.5 billion parameters tells true from false much better than over all that were found
(tests/benchmarks/README.md, What is asked).
"""

from __future__ import annotations

import logging
from pathlib import Path

from ..errors import ModelError
from ..grounding import Support
from ..llm.base import ChatModel, Message, OptionScorer
from ..prompting import render
from ..types import Hit
from ..understand.base import Request
from .marks import Marker
from .packing import fenced
from .passages import Passages
from .quoting import has_words_of_orders, leading_documents, shared_words, stands_in

logger = logging.getLogger(__name__)

_SEVERAL_PLACES = ("overview", "compare", "list")
"""Kinds of requests that are answered with sentences which join what several passages say."""


class Checker:
    """The rules for the sentences of one answer."""

    def __init__(self, request: Request, passages: Passages, marker: Marker, quoted: frozenset[str]) -> None:
        """`quoted` are the documents in which sources are looked for first; if they are quoted, nowhere else."""
        self._request = request
        self._passages = passages
        self._marker = marker
        self._quoted = quoted

    def check(self, sentence: str, beside_quotes: bool) -> Support:
        """The rows of the quotes that support a sentence, or of one that says otherwise; beside quotes only of the
        documents that are quoted."""
        quoted = self._quoted if leading_documents(self._passages) else frozenset()
        found = self._marker.check(sentence, quoted)
        return found if found.sources or not quoted or beside_quotes else self._marker.check(sentence)

    def obeys(self, sentence: str, instructions: str) -> bool:
        """True for a sentence with words that only an order in a passage has, and for one of the prompt's own."""
        if stands_in(sentence, instructions):
            return True
        told = [quote.text for quote in self._passages.quotes]
        return has_words_of_orders(sentence, self._passages.orders, [*told, self._request.question])


class Judge:
    """A language model that judges sentences by passages."""

    def __init__(self, model: ChatModel, request: Request, passages: Passages, marker: Marker, least: float) -> None:
        """`least` are the log-odds from which on a sentence counts as supported."""
        self._model = model
        self._joins = request.kind in _SEVERAL_PLACES
        self._passages = passages
        self._marker = marker
        self._least = least
        self._chunks = [hit for hit in passages.hits if hit.node.level == 0]

    def judged(self, sentence: str, found: Support, prompts: Path | None) -> Support | None:
        """What holds of a sentence of which the rules have `found` something; None if the model does not tell.

        What it affirms is supported, also against the rules, if its names and numbers stand in the passages. What it
        does not affirm is not, but for a sentence with sources that may join what several passages say.
        """
        passage = self._passage_for(sentence)
        if passage is None or (found.sources and self._joins):
            return found
        sure = self._log_odds(sentence, passage, prompts)
        if sure is None:
            return None
        if sure < self._least:
            return Support((), 0.0, found.contradicted_by)
        if found.sources:
            return found
        nearest = self._marker.nearest(sentence, passage.node)
        return Support(nearest, found.score, None if nearest else found.contradicted_by)

    def _passage_for(self, sentence: str) -> Hit | None:
        """The passage that says most of a sentence, by its words and by its nearest sentence; None if there is none."""
        shares = shared_words(sentence, [hit.node.text for hit in self._chunks], self._passages)
        near = self._marker.nearness(sentence, [hit.node for hit in self._chunks])
        scored = zip(shares, near, self._chunks, strict=True)
        return max(scored, key=lambda one: one[0] + one[1], default=(0.0, 0.0, None))[2]

    def _log_odds(self, sentence: str, passage: Hit, prompts: Path | None) -> float | None:
        """How much likelier the model holds the sentence for true than for untrue; None if it does not tell."""
        if not isinstance(self._model, OptionScorer):
            return None
        text = fenced([passage], self._passages.titles)
        prompt = render("entailed", prompts, passage=text, sentence=sentence)
        messages = [Message("system", prompt.system), Message("user", prompt.user)]
        try:
            yes, no = self._model.score_options(messages, ("Yes", "No"))
        except ModelError as error:
            logger.info("the model was not asked of a sentence: %s", error)
            return None
        logger.debug("log-odds of %r: %.2f", sentence, yes.logprob - no.logprob)
        return yes.logprob - no.logprob
