"""What all routes share: the collections, the limits, what is remembered; and how a question is answered."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from ...types import Answer, StructuredAnswer
from ..answering import Event, Piece, answered
from ..collections import Collection, Collections, Turns
from .conversations import Conversations, Said
from .errors import RequestError

MODEL = "ragtree"


@dataclass(frozen=True)
class Desk:
    """Where requests come in."""

    collections: Collections
    turns: Turns
    """For answers."""
    embedding: Turns = field(default_factory=lambda: Turns(2))
    """For embeddings, which need not wait for answers."""
    conversations: Conversations = field(default_factory=Conversations)
    started: int = field(default_factory=lambda: int(time.time()))

    def collection_of(self, model: str) -> Collection:
        """The collection that a model's name means. Raises RequestError where there is none."""
        if model == MODEL:
            return self.collections.first
        for collection in self.collections:
            if model == model_of(collection):
                return collection
        names = ", ".join([MODEL, *map(model_of, self.collections)])
        raise RequestError(
            f"there is no model {model!r}; the models are {names}", "model", "model_not_found", status=404
        )


def model_of(collection: Collection) -> str:
    """The name of a collection as a model."""
    return f"{MODEL}/{collection.name}"


@dataclass(frozen=True, slots=True)
class Question:
    """What a client wants to know."""

    collection: Collection
    text: str
    before: Said
    mode: str | None
    where: dict[str, Any] | None
    schema: dict[str, Any] | None
    response_id: str | None = None
    """The id under which the conversation is kept."""
    keep: bool = True


@dataclass(frozen=True, slots=True)
class Answered:
    """The end of an answer's events."""

    answer: Answer
    understood: str
    """The question as it was searched for."""


@asynccontextmanager
async def asked(desk: Desk, question: Question) -> AsyncIterator[AsyncGenerator[Event | Answered, None]]:
    """The events of an answer, the last of which is Answered. Leaving the block early stops the model."""
    collection = question.collection
    schema = question.schema
    if schema is not None and collection.tree.llm is None:
        raise RequestError("a JSON schema needs a language model, and this server has none (llm.model)")
    async with desk.turns.turn():
        if schema is not None:
            async with aclosing(_filled(question, schema)) as filled:
                yield filled
            return
        chat = collection.tree.chat(mode=question.mode, where=question.where)
        chat.resume(question.before.turns, question.before.understood)

        async def told(events: AsyncIterator[Event]) -> AsyncGenerator[Event | Answered, None]:
            async for event in events:
                if not isinstance(event, Answer):
                    yield event
                    continue
                if question.keep:
                    said = question.before.then(event, chat.rewritten)
                    desk.conversations.remember(collection.name, said, question.response_id)
                yield Answered(event, chat.rewritten)

        async with answered(chat, question.text) as events, aclosing(told(events)) as telling:
            yield telling


async def _filled(question: Question, schema: dict[str, Any]) -> AsyncGenerator[Event | Answered, None]:
    """An answer of a JSON schema's form. The conversation before it is not taken into account."""
    answer: StructuredAnswer[Any] = await question.collection.tree.ask(
        question.text, schema=schema, mode=question.mode, where=question.where
    )
    yield Piece(answer.text)
    yield Answered(answer, question.text)
