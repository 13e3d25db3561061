"""Question and passages -> an answer, sentence by sentence. What is shown has been checked before."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

from ..embed.base import Embedder
from ..errors import ContextOverflowError
from ..languages import language_name, question_language
from ..llm.base import ChatModel, Message, prompt_tokens
from ..prompting import render
from ..settings import AnswerSettings, LlmSettings
from ..types import Answer, OnStep, Step, Usage, no_step
from .gate import evidence
from .marks import Marker, whole_sentences
from .packing import fitting_prompt
from .passages import Passages
from .quoting import choose_quotes, leading_documents, plain, rank_quotes, stands_in
from .wording import Wording, wording

logger = logging.getLogger(__name__)

_REFUSAL = "the passages do not say"
"""What the template `answer` tells a model to say where it finds no answer."""
_MOST_CONTRADICTIONS = 2

Supports: TypeAlias = Callable[[str], tuple[int, ...]]
"""A sentence -> the rows of the quotes that support it, best first."""


class Reader:
    """With a model, it writes; without one, or where nothing that it wrote is supported, the originals speak."""

    def __init__(
        self,
        model: ChatModel | None,
        embedder: Embedder,
        answer: AnswerSettings,
        llm: LlmSettings,
        language: str,
        prompts: Path | None = None,
        on_step: OnStep = no_step,
    ) -> None:
        self._model = model
        self._embedder = embedder
        self._answer = answer
        self._llm = llm
        self._language = language
        self._prompts = prompts
        self._on_step = on_step

    def read(self, question: str, passages: Passages) -> Generator[str, None, Answer]:
        """Yields pieces of the text, and returns the Answer that they make.

        Raises ContextOverflowError where the question does not fit the model's context, ModelError where the
        model fails.
        """
        started = time.monotonic()
        language = question_language(question, self._language)
        said = wording(language, self._prompts)
        marker = Marker(passages.quotes, self._embedder, self._answer.support, question)
        relevance = marker.relevance()
        text, supported, used = "", False, Usage()
        messages: list[Message] = []
        if self._model is not None and self._answer.style != "quoted":
            messages, used = self._prompt(question, passages, language)
        if evidence(question, passages, relevance) >= self._answer.relevance:
            for piece, sound in self._answered(question, passages, messages, marker, relevance, said):
                supported |= sound
                text += piece
                yield piece
            if self._model is not None and messages:
                used = Usage(used.prompt_tokens, self._model.count(text))
        if not text:
            text = self._nothing(marker, question, relevance, passages, said)
            yield text
        usage = Usage(used.prompt_tokens, used.answer_tokens, time.monotonic() - started)
        return Answer(question, text, marker.citations, passages.hits, supported, usage)

    def _answered(
        self,
        question: str,
        passages: Passages,
        messages: list[Message],
        marker: Marker,
        relevance: list[float],
        said: Wording,
    ) -> Iterator[tuple[str, bool]]:
        """What the model wrote, quotes, and what contradicts them; nothing where the model found no answer."""
        written = ""
        if self._model is not None and messages:
            supports = self._support(question, passages, marker, relevance)
            for piece, sound in self._written(self._model, messages, marker, supports, said):
                if piece == _REFUSAL:
                    if self._answer.style == "written" and not written:
                        return
                    break
                written += piece
                yield piece, sound
        if not written or self._answer.style == "both":
            quoted = self._quoted(marker, question, relevance, passages, said, written)
            if quoted:
                yield (f"\n\n{quoted}" if written else quoted), True
                written += quoted
        for one, other in marker.contradictions()[:_MOST_CONTRADICTIONS] if written else ():
            quotes = " ".join(f"“{plain(passages.quotes[row].text)}” {marker.mark([row])}" for row in (one, other))
            yield f"\n\n{said.documents_disagree} {quotes}", True

    def _prompt(self, question: str, passages: Passages, language: str) -> tuple[list[Message], Usage]:
        """The prompt with the passages that are to be read, as far as the model's context has room."""
        model = self._model
        assert model is not None

        def messages_of(read: str) -> list[Message]:
            named = language_name(language)
            prompt = render("answer", self._prompts, passages=read, question=question, language=named)
            return [Message("system", prompt.system), Message("user", prompt.user)]

        tokens = self._llm.max_tokens
        messages = fitting_prompt(model, passages.hits, self._answer.read_tokens, tokens, messages_of)
        if messages is not None:
            return messages, Usage(prompt_tokens(model, messages))
        raise ContextOverflowError(
            f"the question has {model.count(question)} tokens; with {self._llm.max_tokens} for the answer and one "
            f"passage that does not fit the model's context of {model.context}: shorten it, or raise llm.context"
        )

    def _written(
        self, model: ChatModel, messages: list[Message], marker: Marker, supports: Supports, said: Wording
    ) -> Iterator[tuple[str, bool]]:
        """Sentences with their marks, and whether they are supported; the refusal where the model finds no answer.

        A sentence that comes again is the beginning of a loop that small models do not leave: there it ends.
        """
        before: set[str] = set()
        space = ""
        with closing(model.stream(messages, self._llm.max_tokens)) as pieces:
            for sentence in whole_sentences(self._told(pieces), self._language):
                if sentence in before:
                    break
                if sentence.lower().startswith(_REFUSAL):
                    yield _REFUSAL, False
                    return
                before.add(sentence)
                sources = supports(sentence)
                if sources:
                    yield f"{space}{sentence} {marker.mark(sources)}", True
                elif self._answer.unsupported == "mark":
                    yield f"{space}{sentence} {said.unsupported}", False
                else:
                    logger.info("left out, as no passage supports it: %r", sentence)
                    continue
                space = " "

    def _support(self, question: str, passages: Passages, marker: Marker, relevance: list[float]) -> Supports:
        """Looks in the documents that are quoted; and elsewhere, but where quotes stand beside what is written."""
        leading = leading_documents(passages)
        rows = choose_quotes(question, passages, relevance, self._answer.quotes) if leading else []
        quoted = {passages.quotes[row].citation.document_id for row in rows}

        def supports(sentence: str) -> tuple[int, ...]:
            found = marker.supports(sentence, quoted)
            return found if found or not quoted or self._answer.style == "both" else marker.supports(sentence)

        return supports

    def _told(self, pieces: Iterator[str]) -> Iterator[str]:
        """The pieces, of each of which `on_step` is told before it has been checked."""
        for piece in pieces:
            self._on_step(Step("write", text=piece))
            yield piece

    def _quoted(
        self,
        marker: Marker,
        question: str,
        relevance: list[float],
        passages: Passages,
        said: Wording,
        written: str,
    ) -> str:
        """The sentences that answer best, in their own words; none that was written already."""
        known = [row for row in marker.cited if stands_in(passages.quotes[row].text, written)]
        best = choose_quotes(question, passages, relevance, self._answer.quotes, known)
        if not best:
            return ""
        quotes = " ".join(f"“{plain(passages.quotes[row].text)}” {marker.mark([row])}" for row in best)
        return f"{said.documents_say} {quotes}"

    def _nothing(self, marker: Marker, question: str, relevance: list[float], passages: Passages, said: Wording) -> str:
        """That there is no answer, and where one might look."""
        best = rank_quotes(question, passages, relevance)[: self._answer.quotes] if relevance else []
        if not best:
            return said.not_in_documents
        return f"{said.not_in_documents} {said.nearest} {marker.mark(best)}"


def whole_answer(stream: Generator[str, None, Answer]) -> Answer:
    """The Answer at the end of a stream of its pieces."""
    while True:
        try:
            next(stream)
        except StopIteration as end:
            answer: Answer = end.value
            return answer
