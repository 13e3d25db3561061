"""POST /v1/chat/completions."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion, ChatCompletionChunk, ChatCompletionMessage
from openai.types.chat.chat_completion import Choice
from openai.types.chat.chat_completion_chunk import Choice as ChunkChoice
from openai.types.chat.chat_completion_chunk import ChoiceDelta
from openai.types.chat.chat_completion_message import Annotation, AnnotationURLCitation
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ...types import Answer
from ..answer_events import StepEvent, TextEvent
from ..collections import Collection
from ..page_addresses import document_path
from .citations import marks_of, ragtree_field
from .client_conversations import from_messages
from .error_replies import body_of
from .event_stream import event, streamed, until_client_leaves
from .question_service import Answered, ClientQuestion, QuestionService, answer_question, model_of
from .request_bodies import ChatForm, read


@dataclass(frozen=True, slots=True)
class _Completion:
    """A completion that is being made. `base` is the address of the server, for links to files."""

    id: str
    created: int
    collection: Collection
    base: str

    @property
    def model(self) -> str:
        return model_of(self.collection)

    def whole(self, end: Answered) -> ChatCompletion:
        """The reply without a stream."""
        message = ChatCompletionMessage(
            role="assistant",
            content=end.answer.text,
            refusal=None,
            annotations=self.annotations(end.answer),
            **_extra(end, self.collection),
        )
        return ChatCompletion(
            id=self.id,
            object="chat.completion",
            created=self.created,
            model=self.model,
            choices=[Choice(index=0, message=message, finish_reason="stop", logprobs=None)],
            usage=_usage(end.answer),
        )

    def chunk(self, delta: dict[str, Any], ended: bool = False) -> bytes:
        """An event of the stream."""
        choice = ChunkChoice(index=0, delta=ChoiceDelta(**delta), finish_reason="stop" if ended else None)
        return self._sent([choice])

    def usage(self, answer: Answer) -> bytes:
        """The event that has no text, but tells of tokens."""
        return self._sent([], usage=_usage(answer))

    def _sent(self, choices: list[ChunkChoice], **more: Any) -> bytes:
        chunk = ChatCompletionChunk(
            id=self.id,
            object="chat.completion.chunk",
            created=self.created,
            model=self.model,
            choices=choices,
            **more,
        )
        return event(chunk.to_dict())

    def annotations(self, answer: Answer) -> list[Annotation]:
        """A link for each mark, to its place on the page. OpenAI's form has no more; see the field `ragtree`."""
        return [
            Annotation(
                type="url_citation",
                url_citation=AnnotationURLCitation(
                    start_index=span.start,
                    end_index=span.end,
                    title=str(citation),
                    url=self.base + document_path(self.collection.name, citation.document_id, citation.span),
                ),
            )
            for citation, span in marks_of(answer)
        ]


def _extra(end: Answered, collection: Collection) -> dict[str, Any]:
    """Fields that OpenAI's form does not have; its clients keep them as they are."""
    return {"ragtree": ragtree_field(end, collection)}


def _usage(answer: Answer) -> CompletionUsage:
    read_tokens, written = answer.usage.prompt_tokens, answer.usage.answer_tokens
    return CompletionUsage(prompt_tokens=read_tokens, completion_tokens=written, total_tokens=read_tokens + written)


async def completions(request: Request, service: QuestionService) -> Response:
    """The answer to the last message, which is understood from those before it.

    The text is checked, also in a stream, and has marks [n]. Messages of the system and of developers, and parameters
    of sampling, have no effect.
    """
    form = await read(request, ChatForm)
    collection = service.collection_of(form.model)
    said, text = from_messages(form.messages)
    before = service.conversations.known(collection.name, said)
    question = ClientQuestion(collection, text, before, form.mode, form.where, form.schema_wanted)
    key = f"chatcmpl-{uuid.uuid4().hex}"
    completion = _Completion(key, int(time.time()), collection, str(request.base_url))
    if form.stream:
        with_usage = form.stream_options is not None and bool(form.stream_options.include_usage)
        return await streamed(request, _events(service, question, completion, with_usage), _failed)
    return JSONResponse((await until_client_leaves(request.receive, _whole(service, question, completion))).to_dict())


async def _whole(service: QuestionService, question: ClientQuestion, completion: _Completion) -> ChatCompletion:
    async with answer_question(service, question) as events:
        async for one in events:
            if isinstance(one, Answered):
                return completion.whole(one)
    raise AssertionError("an answer ends with Answered")


async def _events(
    service: QuestionService, question: ClientQuestion, completion: _Completion, with_usage: bool
) -> AsyncGenerator[bytes, None]:
    """The stream. It begins when the search has succeeded, so that a wrong request has a status of its own."""
    begun = False
    async with answer_question(service, question) as events:
        async for one in events:
            if not begun:
                if isinstance(one, StepEvent) and one.kind == "search":
                    continue
                begun = True
                yield completion.chunk({"role": "assistant", "content": ""})
            if isinstance(one, StepEvent):
                yield f": {one.kind}\n\n".encode()  # a comment, which keeps the connection open
            elif isinstance(one, TextEvent):
                yield completion.chunk({"content": one.text})
            elif isinstance(one, Answered):
                links = [link.to_dict() for link in completion.annotations(one.answer)]
                yield completion.chunk({"content": "", "annotations": links, **_extra(one, completion.collection)})
                yield completion.chunk({}, ended=True)
                if with_usage:
                    yield completion.usage(one.answer)
    yield event("[DONE]")


def _failed(error: Exception) -> bytes:
    return event(body_of(error))
