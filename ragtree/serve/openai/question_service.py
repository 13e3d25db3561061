"""What all routes share: the collections, the limits, what is remembered; and how a question is answered."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from ...async_parts import AsyncChat
from ...errors import QueryError
from ...types import Answer, StructuredAnswer
from ..answer_events import Event, TextEvent, answer_events
from ..collections import Collection, Collections, Turns
from .client_conversations import ClientConversations, EarlierTurns
from .error_replies import RequestError

MODEL = "ragtree"


@dataclass(frozen=True)
class QuestionService:
    """Where requests come in."""

    collections: Collections
    turns: Turns
    """For answers."""
    embedding: Turns = field(default_factory=lambda: Turns(2))
    """For embeddings, which need not wait for answers."""
    conversations: ClientConversations = field(default_factory=ClientConversations)
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
class ClientQuestion:
    """What a client wants to know."""

    collection: Collection
    text: str
    before: EarlierTurns
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
async def answer_question(
    service: QuestionService, question: ClientQuestion
) -> AsyncIterator[AsyncGenerator[Event | Answered, None]]:
    """The events of an answer, the last of which is Answered. Leaving the block early stops the model."""
    tree = question.collection.tree
    if question.schema is not None and tree.llm is None:
        raise RequestError("a JSON schema needs a language model, and this server has none (llm.model)")
    async with service.turns.turn(), AsyncExitStack() as stack:
        chat = tree.chat(mode=question.mode, where=question.where)
        chat.resume(question.before.turns, question.before.understood)
        if question.schema is not None:
            events: AsyncIterator[Event | Answered] = _filled(chat, question, question.schema)
        else:
            answering = await stack.enter_async_context(answer_events(chat, question.text))
            events = _told(answering, chat, question.collection)
        yield await stack.enter_async_context(aclosing(_remembered(events, service, question)))


async def _told(
    events: AsyncIterator[Event], chat: AsyncChat, collection: Collection
) -> AsyncIterator[Event | Answered]:
    async for event in events:
        yield Answered(await collection.noted(event), chat.rewritten) if isinstance(event, Answer) else event


async def _filled(chat: AsyncChat, question: ClientQuestion, schema: dict[str, Any]) -> AsyncIterator[Event | Answered]:
    """An answer of a JSON schema's form, to the question as it stands alone."""
    if not question.text.strip():
        raise QueryError("the question is empty; ask something")
    alone = await chat.alone(question.text)
    answer: StructuredAnswer[Any] = await question.collection.tree.ask(
        alone, schema=schema, mode=question.mode, where=question.where
    )
    yield TextEvent(answer.text)
    yield Answered(replace(answer, question=question.text), alone)


async def _remembered(
    events: AsyncIterator[Event | Answered], service: QuestionService, question: ClientQuestion
) -> AsyncGenerator[Event | Answered, None]:
    async for event in events:
        if isinstance(event, Answered) and question.keep:
            said = question.before.then(event.answer, event.understood)
            service.conversations.remember(question.collection.name, said, question.response_id)
        yield event
