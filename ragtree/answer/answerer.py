"""Answers a question: from understanding it to the text of the answer."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import Any, Protocol

from ..embed.base import Embedder
from ..errors import QueryError
from ..gather.base import CollectionOverview, DocumentList
from ..llm.base import ChatModel, JsonSchema
from ..settings import Settings
from ..surveys import Survey
from ..tables.base import TableAnswer
from ..tracing import INPUT_TOKENS, OUTPUT_TOKENS, Attributes, span, traced
from ..types import Answer, Citation, Hit, OnStep, Step, StructuredAnswer, Value, Where, no_step
from ..understand.base import Request, RequestKind
from .composing import compose_documents, compose_overview, compose_small_talk, compose_survey, compose_tables
from .form import make_form
from .options import AnswerOptions
from .passages import Passages
from .reader import Reader, whole_answer
from .structured import StructuredReader
from .wording import wording

_SURE = 1.0
"""Least margin with which a question surely wants all of something, so that a sentence does not answer it."""

_OF_TABLES: tuple[RequestKind, ...] = ("fact", "list", "count", "compare")


class AnswerTools(Protocol):
    """The tools that answers are made with."""

    def understand(self, question: str, where: Where | None = None) -> Request:
        """What a question, complete in itself, asks for."""
        ...

    def documents(self, request: Request, where: Where | None) -> DocumentList:
        """The documents that the request asks for."""
        ...

    def survey(self, request: Request, where: Where | None, model: ChatModel, calls: int) -> Survey:
        """What the model lists from the passages nearest to the request, in at most `calls` calls."""
        ...

    def tables(self, request: Request, hits: Sequence[Hit], where: Where | None) -> Sequence[TableAnswer]:
        """The answers from tables of the documents that were found, if the question asks something of a table."""
        ...

    def count(self, where: Where | None) -> int:
        """The number of documents that pass a filter."""
        ...

    def overview(self, where: Where | None) -> CollectionOverview:
        """What the index holds."""
        ...

    def passages(
        self,
        request: Request,
        mode: str | None,
        where: Where | None,
        told: Callable[[Sequence[Hit]], None],
        known: Sequence[Hit] = (),
    ) -> Passages:
        """What is found for the request, with the original texts behind it, all from one state of the index. After
        `known` hits only the best new ones follow. `told` is called with the hits first."""
        ...


class QuestionAnswerer:
    """Answers questions about one index."""

    def __init__(
        self,
        gather: AnswerTools,
        model: ChatModel | None,
        embedder: Embedder,
        settings: Settings,
        answering: AnswerOptions,
    ) -> None:
        self._tools = gather
        self._model = model
        self._embedder = embedder
        self._settings = settings
        self._answering = answering

    def answer(self, question: str, mode: str | None, where: Where | None) -> Answer:
        """The whole answer at once."""
        return whole_answer(self.stream(question, question, mode, where))

    def filled(
        self, question: str, schema: type[Value] | JsonSchema, mode: str | None, where: Where | None
    ) -> StructuredAnswer[Any]:
        """An answer in the form of the schema. Raises AnswerError if the model does not fill it in."""
        settings = self._settings
        form = make_form(schema)
        reader = StructuredReader(form, self._model, self._embedder, self._answering, settings.llm, settings.prompts)
        request = self._understood(question, where)
        return reader.read(question, self._tools.passages(request, mode, where, lambda hits: None))

    def stream(
        self,
        asked: str,
        complete: str,
        mode: str | None,
        where: Where | None,
        step: OnStep = no_step,
        cited: Sequence[Citation] = (),
    ) -> Generator[str, None, Answer]:
        """The answer to what was asked, in pieces. `complete` is the question without the conversation before it. What
        was `cited` before is not quoted again."""
        pieces = self._pieces(asked, complete, mode, where, step, cited)
        return traced("ragtree.ask", pieces, {"ragtree.mode": mode or self._settings.retrieve.mode}, _told)

    def _pieces(
        self,
        asked: str,
        complete: str,
        mode: str | None,
        where: Where | None,
        step: OnStep,
        cited: Sequence[Citation],
    ) -> Generator[str, None, Answer]:
        request = self._understood(complete, where)
        composed = self._composed(request, where)
        if composed is not None:
            yield composed.text
            return replace(composed, question=asked)

        def tell(hits: Sequence[Hit]) -> None:
            step(Step("read", tuple(hits)))

        def search_again(question: str, known: Sequence[Hit]) -> Passages:
            step(Step("search", text=question))
            return self._tools.passages(
                replace(self._understood(question, where), kind="fact"), mode, where, tell, known
            )

        passages = self._tools.passages(request, mode, where, tell)
        composed = self._composed_of(passages, request, where)
        if composed is not None:
            yield composed.text
            return replace(composed, question=asked)
        settings = self._settings
        reader = Reader(self._model, self._embedder, self._answering, settings.llm, settings.prompts, step)
        answer = yield from reader.read(request, passages, search_again, cited)
        return replace(answer, question=asked)

    def _composed(self, request: Request, where: Where | None) -> Answer | None:
        """An answer that needs no passages; None if the request needs some."""
        said = wording(request.language, self._settings.prompts)
        if request.kind == "small talk":
            return compose_small_talk(request.question, request.detail, self._tools.count(where), said)
        if request.kind == "documents":
            return compose_documents(request.question, self._tools.documents(request, where), said)
        if request.kind == "overview" and request.of_everything:
            several = self._tools.count(where) > 1
            return compose_overview(request.question, self._tools.overview(where), said) if several else None
        return None

    def _composed_of(self, passages: Passages, request: Request, where: Where | None) -> Answer | None:
        """An answer from tables, or a list; None if the passages have to answer."""
        said = wording(request.language, self._settings.prompts)
        tables = self._tools.tables(request, passages.hits, where) if request.kind in _OF_TABLES else ()
        if tables:
            return replace(compose_tables(request.question, tables, said), hits=passages.hits)
        chosen = self._model is not None and self._answering.style != "quoted"
        if request.kind in ("list", "count") and request.margin >= _SURE and chosen:
            assert self._model is not None
            found = self._tools.survey(request, where, self._model, self._answering.list_calls)
            return compose_survey(request.question, found, said) if found.items else None
        return None

    def _understood(self, question: str, where: Where | None) -> Request:
        if not question.strip():
            raise QueryError("the question is empty; ask something")
        with span("ragtree.understand") as understanding:
            request = self._tools.understand(question, where)
            understanding.set({"ragtree.request.kind": request.kind, "ragtree.request.language": request.language})
            return request


def _told(answer: Answer) -> Attributes:
    """The attributes of an answer in a trace, which have no text of it."""
    usage = answer.usage
    return {
        INPUT_TOKENS: usage.prompt_tokens,
        OUTPUT_TOKENS: usage.answer_tokens,
        "ragtree.answer.supported": answer.supported,
        "ragtree.answer.citations": len(answer.citations),
        "ragtree.answer.passages": len(answer.hits),
    }
