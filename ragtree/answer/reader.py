"""Question and passages -> an answer, sentence by sentence. What is shown has been checked before."""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path

from ..embed.base import Embedder
from ..errors import ContextOverflowError
from ..llm.base import ChatModel, Message, prompt_tokens
from ..prompting import fence, render
from ..retrieve.base import Limit, pack
from ..settings import AnswerSettings, LlmSettings
from ..types import Answer, Usage
from . import wording
from .marks import Marker, whole_sentences
from .passages import Passages
from .quoting import plain, rank_quotes

logger = logging.getLogger(__name__)


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
    ) -> None:
        self._model = model
        self._embedder = embedder
        self._answer = answer
        self._llm = llm
        self._language = language
        self._prompts = prompts

    def read(self, question: str, passages: Passages) -> Generator[str, None, Answer]:
        """Yields pieces of the text, and returns the Answer that they make.

        Raises ContextOverflowError where the question does not fit the model's context, ModelError where the
        model fails.
        """
        started = time.monotonic()
        marker = Marker(passages.quotes, self._embedder, self._answer.support, question)
        text = ""
        supported = False
        used = Usage()
        messages: list[Message] = []
        if self._model is not None and self._answer.style != "quoted":
            messages, used = self._prompt(question, passages)
        relevance = marker.relevance()
        if max(relevance, default=-1.0) >= self._answer.relevance:
            if self._model is not None and messages:
                for piece, sound in self._written(self._model, messages, marker):
                    supported |= sound
                    text += piece
                    yield piece
                used = Usage(used.prompt_tokens, self._model.count(text))
            if not text or self._answer.style == "both":
                quoted = self._quoted(marker, question, relevance, passages)
                piece = f"\n\n{quoted}" if text and quoted else quoted
                supported |= bool(quoted)
                text += piece
                yield piece
        if not text:
            text = self._nothing(marker, question, relevance, passages)
            yield text
        usage = Usage(used.prompt_tokens, used.answer_tokens, time.monotonic() - started)
        return Answer(question, text, marker.citations, passages.hits, supported, usage)

    def _prompt(self, question: str, passages: Passages) -> tuple[list[Message], Usage]:
        """The prompt with the passages that are to be read, as far as the model's context has room.

        The best one stands last, next to the question: that is where models read best.
        """
        model = self._model
        assert model is not None
        labels = dict(zip((hit.node.id for hit in passages.hits), passages.labels(), strict=True))
        read = pack(passages.hits, Limit(tokens=self._answer.read_tokens or None))
        for count in range(len(read), -1, -1):
            fenced = [
                fence(number, hit.node.text, labels[hit.node.id])
                for number, hit in enumerate(reversed(read[:count]), start=1)
            ]
            prompt = render("answer", self._prompts, passages="\n".join(fenced), question=question)
            messages = [Message("system", prompt.system), Message("user", prompt.user)]
            needed = prompt_tokens(model, messages)
            if needed + self._llm.max_tokens <= model.context and (count or not read):
                if count < len(read):
                    logger.warning("%d of %d passages fit the model's context", count, len(read))
                return messages, Usage(needed)
        raise ContextOverflowError(
            f"the question has {model.count(question)} tokens; with {self._llm.max_tokens} for the answer and one "
            f"passage that does not fit the model's context of {model.context}: shorten it, or raise llm.context"
        )

    def _written(self, model: ChatModel, messages: list[Message], marker: Marker) -> Iterator[tuple[str, bool]]:
        """Sentences with their marks, and whether they are supported.

        A sentence that comes again is the beginning of a loop that small models do not leave: there it ends.
        """
        said: set[str] = set()
        space = ""
        with closing(model.stream(messages, self._llm.max_tokens)) as pieces:
            for sentence in whole_sentences(pieces, self._language):
                if sentence in said:
                    break
                said.add(sentence)
                sources = marker.supports(sentence)
                if sources:
                    yield f"{space}{sentence} {marker.mark(sources)}", True
                elif self._answer.unsupported == "mark":
                    yield f"{space}{sentence} {wording.UNSUPPORTED_MARK}", False
                else:
                    logger.info("left out, as no passage supports it: %r", sentence)
                    continue
                space = " "

    def _quoted(self, marker: Marker, question: str, relevance: list[float], passages: Passages) -> str:
        """The sentences nearest to the question, in their own words; none that was cited already."""
        fresh = [row for row in rank_quotes(question, passages, relevance) if not marker.has_cited(row)]
        best = fresh[: self._answer.quotes]
        if not best:
            return ""
        quotes = " ".join(f"“{plain(passages.quotes[row].text)}” {marker.mark([row])}" for row in best)
        return f"{wording.DOCUMENTS_SAY} {quotes}"

    def _nothing(self, marker: Marker, question: str, relevance: list[float], passages: Passages) -> str:
        """That there is no answer, and where one might look."""
        best = rank_quotes(question, passages, relevance)[: self._answer.quotes] if relevance else []
        if not best:
            return wording.NOT_IN_DOCUMENTS
        return f"{wording.NOT_IN_DOCUMENTS} {wording.NEAREST} {marker.mark(best)}"


def whole_answer(stream: Generator[str, None, Answer]) -> Answer:
    """The Answer at the end of a stream of its pieces."""
    while True:
        try:
            next(stream)
        except StopIteration as end:
            answer: Answer = end.value
            return answer
