"""POST /v1/responses."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..answer_events import StepEvent, TextEvent
from ..collections import Collection
from .client_conversations import EarlierTurns, from_messages
from .error_replies import RequestError, body_of
from .event_stream import event, streamed, until_client_leaves
from .question_service import MODEL, Answered, ClientQuestion, QuestionService, answer_question
from .request_bodies import ResponsesForm, read
from .response_events import Writing
from .stores import collection_of, joined, store_id

RESULTS = "file_search_call.results"


async def create(request: Request, service: QuestionService) -> Response:
    """The answer to the last message of the input, which is understood from what came before it.

    Before it are the earlier messages of the input, and the conversation that `previous_response_id` names: the latest
    ones are kept in memory until the server ends.
    """
    form = await read(request, ResponsesForm)
    collection, where = _place(form, service)
    said, text = from_messages(form.input)
    response_id = f"resp_{uuid.uuid4().hex}"
    question = ClientQuestion(
        collection,
        text,
        _before(form, said, collection, service),
        form.mode,
        where,
        form.schema_wanted,
        response_id,
        keep=form.store is not False,
    )
    writing = Writing(form, question, response_id, int(time.time()), RESULTS in (form.include or ()))
    if form.stream:
        return await streamed(request, _events(service, question, writing), lambda error: _failed(writing, error))
    await until_client_leaves(request.receive, _whole(service, question, writing))
    return JSONResponse(writing.response())


def _place(form: ResponsesForm, service: QuestionService) -> tuple[Collection, dict[str, Any] | None]:
    """The collection that is asked, and the filter. A `file_search` tool may name the collection if the model does
    not."""
    collection = service.collection_of(form.model)
    where = form.where
    for tool in form.searches:
        where = joined(tool.filters, where)
        named = [collection_of(service, key) for key in tool.vector_store_ids or ()]
        if not named:
            continue
        if len(named) > 1 or (form.model != MODEL and named[0] is not collection):
            raise RequestError(
                f"{form.model} cannot search {', '.join(map(store_id, named))}; name one collection", "tools"
            )
        collection = named[0]
    return collection, where


def _before(form: ResponsesForm, said: EarlierTurns, collection: Collection, service: QuestionService) -> EarlierTurns:
    """The conversation before the question."""
    if form.previous_response_id is None:
        return service.conversations.known(collection.name, said)
    kept = service.conversations.by_id(collection.name, form.previous_response_id)
    if kept is None:
        raise RequestError(
            f"the response {form.previous_response_id!r} is not kept (any more, or of this model); send the earlier "
            "messages in `input`",
            "previous_response_id",
            "previous_response_not_found",
        )
    return EarlierTurns((*kept.turns, *said.turns), (*kept.understood, *said.understood))


async def _whole(service: QuestionService, question: ClientQuestion, writing: Writing) -> None:
    async with answer_question(service, question) as events:
        async for one in events:
            if isinstance(one, Answered):
                writing.end(one)


async def _events(service: QuestionService, question: ClientQuestion, writing: Writing) -> AsyncGenerator[bytes, None]:
    """The stream. It begins when the search has succeeded, so that a wrong request has a status of its own."""
    begun = False
    async with answer_question(service, question) as events:
        async for one in events:
            if not begun:
                if isinstance(one, StepEvent) and one.kind == "search":
                    continue
                begun = True
                for told in writing.beginning():
                    yield _sent(told)
            if isinstance(one, StepEvent):
                yield f": {one.kind}\n\n".encode()  # a comment, which keeps the connection open
            elif isinstance(one, TextEvent):
                yield _sent(writing.piece(one.text))
            elif isinstance(one, Answered):
                writing.end(one)
                for told in writing.ending():
                    yield _sent(told)


def _sent(told: dict[str, Any]) -> bytes:
    return event(told, told["type"])


def _failed(writing: Writing, error: Exception) -> bytes:
    fields = body_of(error)["error"]
    assert isinstance(fields, dict)
    return b"".join(map(_sent, writing.failing(fields["code"] or "server_error", fields["message"])))
