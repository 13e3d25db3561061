"""A question to a tree, from what is found to what is said."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any

from ..embed.base import Embedder
from ..errors import QueryError
from ..llm.base import ChatModel, JsonSchema
from ..settings import Settings
from ..types import Answer, OnStep, StructuredAnswer, Value, Where, no_step
from .form import form_of
from .passages import Passages
from .reader import Reader, whole_answer
from .structured import StructuredReader

Find = Callable[[str, str | None, Where | None, OnStep], Passages]
"""(question, mode, filter, who is told of it) -> what is found for it, and the originals behind it, of one moment."""


class Asking:
    """`settings` are as the model wants them."""

    def __init__(
        self,
        find: Find,
        model: ChatModel | None,
        embedder: Embedder,
        settings: Settings,
    ) -> None:
        self._find = find
        self._model = model
        self._embedder = embedder
        self._settings = settings

    def answer(self, question: str, mode: str | None, where: Where | None) -> Answer:
        """The whole answer at once."""
        return whole_answer(self.stream(question, question, mode, where))

    def filled(
        self, question: str, schema: type[Value] | JsonSchema, mode: str | None, where: Where | None
    ) -> StructuredAnswer[Any]:
        """An answer of the schema's form. Raises AnswerError where the model does not fill it in."""
        settings = self._settings
        form = form_of(schema)
        reader = StructuredReader(form, self._model, self._embedder, settings.answer, settings.llm, settings.prompts)
        return reader.read(question, self._passages(question, mode, where))

    def stream(
        self, asked: str, complete: str, mode: str | None, where: Where | None, step: OnStep = no_step
    ) -> Generator[str, None, Answer]:
        """The answer in pieces to what was asked, which in a conversation has been made `complete`."""
        settings = self._settings
        passages = self._passages(complete, mode, where, step)
        language, prompts = settings.chunk.language, settings.prompts
        reader = Reader(self._model, self._embedder, settings.answer, settings.llm, language, prompts, step)
        answer = yield from reader.read(complete, passages)
        return replace(answer, question=asked)

    def _passages(self, question: str, mode: str | None, where: Where | None, step: OnStep = no_step) -> Passages:
        if not question.strip():
            raise QueryError("the question is empty; ask something")
        return self._find(question, mode, where, step)
