"""Question and passages -> an answer, sentence by sentence. What is shown has been checked before.

A model that the user chose decides itself whether the passages answer the question. If the documents are quoted
instead, without a model or with the bundled one, this depends on how near the passages are
(ragtree.answer.answerability).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from ..embed.base import Embedder
from ..grounding import Support
from ..llm.base import ChatModel
from ..settings import LlmSettings
from ..text.folding import fold
from ..text.follow_ups import asks_something_new
from ..types import Answer, Citation, Hit, OnStep, Usage, no_step
from ..understand.base import Request
from .answerability import answerability
from .checking import Checker, Judge
from .citation_marks import CitationMarker
from .options import SUPPORT, AnswerOptions
from .passages import Passages
from .question_prompts import PromptOptions, QuestionPrompts
from .quoting import (
    choose_quotes,
    has_all_words,
    in_reading_order,
    plain,
    rank_quotes,
)
from .wording import Wording, wording

logger = logging.getLogger(__name__)

REFUSAL = "the documents do not say"
"""What the template `answer_or_refuse` tells a model to write if it finds no answer."""
_MOST_CONTRADICTIONS = 2
_ALMOST = 0.09
"""So much below the least evidence, the nearest passages are quoted without saying that they answer, or that they do
not. Of 98 questions that six folders answer, .71 reach the least evidence and .17 this; of 96 that they do not answer,
.01 and .05."""

SearchAgain: TypeAlias = Callable[[str, Sequence[Hit]], Passages]
"""(question, known hits) -> these, and what is found besides them."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of an answer, and whether the passages support it."""

    text: str
    sound: bool


class Reader:
    """Answers with what a model writes; without a model, with quotes of the documents."""

    def __init__(
        self,
        model: ChatModel | None,
        embedder: Embedder,
        answer: AnswerOptions,
        llm: LlmSettings,
        prompts: Path | None = None,
        on_step: OnStep = no_step,
    ) -> None:
        self._model = model if answer.style != "quoted" else None
        self._embedder = embedder
        self._answer = answer
        self._llm = llm
        self._prompts = prompts
        self._on_step = on_step

    def read(
        self,
        request: Request,
        passages: Passages,
        search_again: SearchAgain | None = None,
        cited: Sequence[Citation] = (),
    ) -> Generator[str, None, Answer]:
        """Yields pieces of the text, and returns the Answer that they make.

        If the model does not find an answer, it says what is missing, and `search_again` finds more passages, in
        `AnswerOptions.searches` searches in all (self-ask, arXiv 2210.03350, section 3). What was `cited` before is not
        quoted again.

        Raises ContextOverflowError if the question does not fit the model's context, ModelError if the model fails.
        """
        started = time.monotonic()
        said = wording(request.language, self._prompts)
        reading = _QuestionReading(request, passages, self, said, cited)
        asked = [request.question]
        while search_again is not None and len(asked) < self._answer.searches:
            missing = reading.missing(asked)
            if missing is None:
                break
            asked.append(missing)
            more = search_again(missing, passages.hits)
            if len(more.hits) == len(passages.hits):
                break
            passages = more
            reading = _QuestionReading(request, passages, self, said, cited)
        text, supported = "", False
        for piece in reading.pieces():
            supported |= piece.sound
            text += piece.text
            yield piece.text
        read_tokens = reading.prompt_tokens
        answer_tokens = self._model.count(text) if self._model is not None and read_tokens else 0
        usage = Usage(read_tokens, answer_tokens, time.monotonic() - started)
        return Answer(request.question, text, reading.marker.citations, passages.hits, supported, usage, reading.notice)


class _QuestionReading:
    """The reading of one question."""

    def __init__(
        self, request: Request, passages: Passages, reader: Reader, said: Wording, cited: Sequence[Citation]
    ) -> None:
        self._request = request
        self._passages = passages
        self._answer = reader._answer
        self._prompts = reader._prompts
        self._said = said
        question = request.question
        self.marker = CitationMarker(passages.quotes, reader._embedder, SUPPORT, question)
        self._relevance = self.marker.relevance()
        self._are_surely_untrue: list[bool] = []
        self._cited_before = {(one.document_id, one.span) for one in cited}
        how = PromptOptions(reader._answer, reader._llm, reader._prompts, reader._on_step)
        self._prompted = None if reader._model is None else QuestionPrompts(reader._model, request, passages, how)

    @property
    def prompt_tokens(self) -> int:
        """Number of tokens of the prompt that the model answered; 0 without a model."""
        return 0 if self._prompted is None else self._prompted.tokens

    @property
    def notice(self) -> str:
        """What to do about the model, if it wrote nothing or was cut off."""
        return "" if self._prompted is None else self._prompted.notice

    def pieces(self) -> Iterator[_Piece]:
        """Yield what the model wrote, or quotes, and passages that contradict these; or that there is no answer."""
        held: list[_Piece] | None = []
        """What came before the first supported piece; None after that."""
        for piece in self._answered() if self._prompted is not None or self._is_near() else ():
            if held is not None and not piece.sound:
                held.append(piece)
                continue
            yield from held or ()
            yield piece
            held = None
        if held is not None:
            yield from self._unanswered(held)
            return
        for one, other in self.marker.contradictions()[:_MOST_CONTRADICTIONS]:
            quotes = " ".join(f"{self._shown(row)} {self.marker.mark([row])}" for row in (one, other))
            yield _Piece(f"\n\n{self._said.documents_disagree} {quotes}", True)

    def _unanswered(self, held: Sequence[_Piece]) -> Iterator[_Piece]:
        """Yield that there is no answer, and what the model wrote nevertheless; the latter alone, marked, if some of it
        may be true."""
        written = "".join(piece.text for piece in held).strip()
        bare = " ".join(written.replace(self._said.unsupported, "").replace(self._said.left_out, "").split())
        if bare and not all(self._are_surely_untrue):
            yield _Piece(written, False)
            return
        yield _Piece(self._nothing(), False)
        if written:
            yield _Piece(f"\n\n{self._said.written_without} {bare}" if bare else f" {written}", False)

    def missing(self, asked: Sequence[str]) -> str | None:
        """The question that has to be answered first, if the model does not find an answer. None if it finds one, if
        there is no model, and if its question is not new after those `asked` already."""
        if self._prompted is None or self._finds is not False:
            return None
        question = self._prompted.missing()
        return question if asks_something_new(question, asked) else None

    def _is_near(self) -> bool:
        """True if the passages are near enough to be quoted or, for a list, count or comparison, have all its words."""
        request, passages = self._request, self._passages
        if request.kind in ("list", "count", "compare") and has_all_words(request, passages):
            return True
        return self._evidence >= self._answer.least.relevance

    @cached_property
    def _evidence(self) -> float:
        return answerability(self._request, self._passages, self._relevance)

    def _answered(self) -> Iterator[_Piece]:
        """Yield what the model wrote; quotes without a model, or if it wrote nothing, or no usable overview."""
        written = ""
        if self._prompted is not None and self._passages.hits:
            pieces: Iterable[_Piece] = self._written(self._prompted)
            if self._request.kind == "overview":
                pieces = _usable(list(pieces))
            for piece in pieces:
                written += piece.text
                yield piece
        quoted = ""
        if self._prompted is None or (self._request.kind == "overview" and not written):
            quoted = self._quoted(self._answer.quotes)
        elif self._prompted.is_silent and self._is_near():
            quoted = self._quoted(1)  # in place of one answer, not of all that was found
        if quoted:
            yield _Piece(quoted, True)

    def _nearest(self) -> list[int]:
        """The rows of the sentences that would be quoted."""
        if not self._relevance:
            return []
        return choose_quotes(self._request, self._passages, self._relevance, self._answer.quotes)

    @cached_property
    def _finds(self) -> bool | None:
        """True if the model is sure enough (`Thresholds.answerable`) that the passages have the answer. None if that is
        unknown: it returns no probabilities, there are no passages, or an overview of named documents is wanted."""
        is_named = self._request.kind == "overview" and self._request.documents
        if is_named or self._prompted is None or not self._passages.hits:
            return None
        sure = self._prompted.answerable()
        return None if sure is None else sure >= self._answer.least.answerable

    def _written(self, prompted: QuestionPrompts) -> Iterator[_Piece]:
        """Yield sentences with their marks; nothing if the model finds no answer.

        A sentence that no passage supports is marked, or dropped if the settings say so. The model is asked once more
        for those that the passages contradict.
        """
        if self._finds is False:
            return
        if self._finds is None:
            prompted.allow_refusal()
        wrong: dict[str, int] = {}
        space = ""
        # The model can be asked about its sentences only when it has ended.
        for sentence in prompted.in_the_language(prompted.sentences()):
            if fold(sentence, case=True).startswith(REFUSAL):
                break
            found = self._checked(prompted, sentence)
            if found.contradicted_by is not None:
                wrong[sentence] = found.contradicted_by
            elif found.sources:
                yield _Piece(f"{space}{sentence} {self.marker.mark(found.sources)}", True)
                space = " "
            elif self._answer.unsupported != "drop" and not self._checker.obeys(sentence, prompted.instructions):
                yield _Piece(f"{space}{sentence} {self._said.unsupported}", False)
                space = " "
            else:
                logger.info("left out, as no passage supports it: %r", sentence)
        if wrong:
            yield from self._corrected(prompted, wrong, space)

    def _checked(self, prompted: QuestionPrompts, sentence: str) -> Support:
        """The support of a sentence by the rules and the model's own judgement; by the rules alone if there is no
        judgement."""
        found = self._checker.check(sentence)
        if self._checker.obeys(sentence, prompted.instructions):
            return found
        judge = Judge(prompted.model, self._request, self._passages, self.marker, self._answer.least.entailed)
        judged = judge.judged(sentence, found, self._prompts)
        self._are_surely_untrue.append(judged.is_surely_untrue)
        return judged.support

    def _corrected(self, prompted: QuestionPrompts, wrong: Mapping[str, int], space: str) -> Iterator[_Piece]:
        """Yield what the model writes when asked again, if it is supported; otherwise that something was left out."""
        pairs = (f"You wrote: {sentence}\nA passage says: {plain(self._quote(row))}" for sentence, row in wrong.items())
        kept = False
        for sentence in prompted.again(" ".join(wrong), "correct", sentences="\n".join(pairs)):
            found = self._checked(prompted, sentence)
            if found.sources and sentence not in wrong:
                yield _Piece(f"{space}{sentence} {self.marker.mark(found.sources)}", True)
                kept, space = True, " "
        if not kept:
            logger.info("left out, as the passages say otherwise: %r", list(wrong))
            yield _Piece(f"{space}{self._said.left_out}", False)

    @cached_property
    def _checker(self) -> Checker:
        """The checker, which looks first in the documents that would be quoted."""
        quotes = self._passages.quotes
        quoted = frozenset(quotes[row].citation.document_id for row in self._nearest())
        return Checker(self._request, self._passages, self.marker, quoted)

    def _quoted(self, most: int, opening: str = "") -> str:
        """The text that quotes the best sentences, by documents; none that was cited before. It begins with `opening`,
        or says that several documents are quoted."""
        placed = ((row, quote.citation) for row, quote in enumerate(self._passages.quotes))
        known = [row for row, one in placed if (one.document_id, one.span) in self._cited_before]
        best = choose_quotes(self._request, self._passages, self._relevance, most, known)
        lines: dict[str, list[str]] = {}
        for row in in_reading_order(best, self._passages):
            citation = self._passages.quotes[row].citation
            title = " ".join(self._passages.titles.get(citation.document_id, citation.source).split())
            lines.setdefault(title, []).append(f"{self._shown(row)} {self.marker.mark([row])}")
        if not lines:
            return ""
        told = [f"{title}: {' '.join(said)}" for title, said in lines.items()]
        if len(told) == 1:
            return " ".join([opening, *told]).strip()
        return "\n".join([opening or self._said.documents_say, *(f"- {line}" for line in told)])

    def _nothing(self) -> str:
        """The text that says that there is no answer, and where one might look; without a model, what the nearest
        passages say, if they are almost near enough."""
        if self._prompted is None and self._evidence >= self._answer.least.relevance - _ALMOST:
            nearest = self._quoted(self._answer.quotes, self._said.nearest)
            if nearest:
                return nearest
        relevance = self._relevance
        best = rank_quotes(self._request, self._passages, relevance)[: self._answer.quotes] if relevance else []
        if not best:
            return self._said.not_in_documents
        return f"{self._said.not_in_documents} {self._said.nearest} {self.marker.mark(best)}"

    def _quote(self, row: int) -> str:
        return self._passages.quotes[row].text

    def _shown(self, row: int) -> str:
        """A sentence in quotation marks. A row of a table has none, as the names of its columns stand elsewhere."""
        text = plain(self._quote(row))
        return text if self._passages.quotes[row].is_row else f"“{text}”"


def _usable(pieces: list[_Piece]) -> list[_Piece]:
    """The pieces of a summary if at least half are supported; others do not summarize the documents."""
    sound = sum(piece.sound for piece in pieces)
    return pieces if sound * 2 >= len(pieces) else []


def whole_answer(stream: Generator[str, None, Answer]) -> Answer:
    """The Answer at the end of a stream of its pieces."""
    while True:
        try:
            next(stream)
        except StopIteration as end:
            answer: Answer = end.value
            return answer
