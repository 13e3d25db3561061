"""A response as it is written: the events of its stream, and the whole at the end."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import Any

from openai.types.responses import (
    Response,
    ResponseError,
    ResponseFileSearchToolCall,
    ResponseOutputMessage,
    ResponseOutputText,
    ResponseUsage,
)
from openai.types.responses.response_file_search_tool_call import Result
from openai.types.responses.response_output_text import AnnotationFileCitation
from openai.types.responses.response_usage import InputTokensDetails, OutputTokensDetails

from ...types import Answer, Hit
from ..collections import Collection
from .citations import attributes_of, marks_of, ragtree_field
from .files import FileId
from .question_service import Answered, ClientQuestion, model_of
from .request_bodies import ResponsesForm

_CODES = frozenset({"server_error", "rate_limit_exceeded", "invalid_prompt"})
"""What an error of a response may be called."""


class Writing:
    """A response whose text comes in pieces. It has two items: the search, and the message."""

    def __init__(
        self, form: ResponsesForm, question: ClientQuestion, response_id: str, created: int, with_results: bool
    ) -> None:
        self._form = form
        self._question = question
        self._id = response_id
        self._created = created
        self._with_results = with_results
        self._search_id = f"fs_{uuid.uuid4().hex}"
        self._message_id = f"msg_{uuid.uuid4().hex}"
        self._end: Answered | None = None
        self._number = 0

    def end(self, end: Answered) -> None:
        """The answer is complete."""
        self._end = end

    # --- the whole

    def response(self, error: ResponseError | None = None) -> dict[str, Any]:
        """The response as far as it is known."""
        status = "failed" if error is not None else "in_progress" if self._end is None else "completed"
        response = Response(
            id=self._id,
            object="response",
            created_at=self._created,
            completed_at=None if self._end is None else time.time(),
            status=status,  # type: ignore[arg-type]  # one of its literals
            error=error,
            incomplete_details=None,
            instructions=None,
            metadata=self._form.metadata or {},
            model=model_of(self._question.collection),
            output=[],
            parallel_tool_calls=False,
            previous_response_id=self._form.previous_response_id,
            tool_choice="auto",
            tools=[],
            usage=None if self._end is None else _usage(self._end.answer),
        )
        output = [] if self._end is None else [self._search(), self._message()]
        return {**response.to_dict(), "output": output}

    def _search(self) -> dict[str, Any]:
        """The item of the search; with its results at the end, if they are wanted."""
        end = self._end
        call = ResponseFileSearchToolCall(
            id=self._search_id,
            type="file_search_call",
            status="searching" if end is None else "completed",
            queries=[self._question.text if end is None else end.understood],
            results=None
            if end is None or not self._with_results
            else [_result(self._question.collection, hit) for hit in end.answer.hits if hit.node.kind == "chunk"],
        )
        return call.to_dict()

    def _message(self) -> dict[str, Any]:
        """The item of the message, with the field `ragtree` at the end."""
        message = ResponseOutputMessage(
            id=self._message_id,
            type="message",
            role="assistant",
            status="in_progress" if self._end is None else "completed",
            content=[],
        )
        if self._end is None:
            return message.to_dict()
        told = ragtree_field(self._end, self._question.collection)
        return {**message.to_dict(), "content": [self._text()], "ragtree": told}

    def _text(self) -> dict[str, Any]:
        """The text of the message; empty before the end."""
        text = "" if self._end is None else self._end.answer.text
        return ResponseOutputText(
            type="output_text", text=text, annotations=list(self._annotations()), logprobs=[]
        ).to_dict()

    def _annotations(self) -> Iterator[AnnotationFileCitation]:
        if self._end is None:
            return
        for citation, span in marks_of(self._end.answer):
            key = FileId(self._question.collection.name, citation.document_id)
            yield AnnotationFileCitation(
                type="file_citation", file_id=str(key), filename=citation.source, index=span.start
            )

    # --- the events

    def beginning(self) -> Iterator[dict[str, Any]]:
        """What comes before the text."""
        yield self._event("response.created", response=self.response())
        yield self._event("response.in_progress", response=self.response())
        yield self._event("response.output_item.added", output_index=0, item=self._search())
        for state in ("in_progress", "searching", "completed"):
            yield self._event(f"response.file_search_call.{state}", output_index=0, item_id=self._search_id)
        yield self._event("response.output_item.added", output_index=1, item=self._message())
        yield self._of_text("response.content_part.added", part=self._text())

    def piece(self, text: str) -> dict[str, Any]:
        """A piece of the text."""
        return self._of_text("response.output_text.delta", delta=text, logprobs=[])

    def ending(self) -> Iterator[dict[str, Any]]:
        """What comes after the text. The search ends here too, since what is read may be searched for again."""
        assert self._end is not None
        for index, annotation in enumerate(self._annotations()):
            yield self._of_text(
                "response.output_text.annotation.added", annotation_index=index, annotation=annotation.to_dict()
            )
        yield self._of_text("response.output_text.done", text=self._end.answer.text, logprobs=[])
        yield self._of_text("response.content_part.done", part=self._text())
        yield self._event("response.output_item.done", output_index=0, item=self._search())
        yield self._event("response.output_item.done", output_index=1, item=self._message())
        yield self._event("response.completed", response=self.response())

    def failing(self, code: str, message: str) -> Iterator[dict[str, Any]]:
        """What ends a stream that has failed."""
        yield self._event("error", code=code, message=message, param=None)
        known: Any = code if code in _CODES else "server_error"
        yield self._event("response.failed", response=self.response(ResponseError(code=known, message=message)))

    def _of_text(self, kind: str, **fields: Any) -> dict[str, Any]:
        return self._event(kind, output_index=1, content_index=0, item_id=self._message_id, **fields)

    def _event(self, kind: str, **fields: Any) -> dict[str, Any]:
        self._number += 1
        return {"type": kind, "sequence_number": self._number - 1, **fields}


def _result(collection: Collection, hit: Hit) -> Result:
    node = hit.node
    return Result(
        file_id=str(FileId(collection.name, node.document_id)),
        filename=node.source,
        score=hit.score,
        text=node.text,
        attributes=attributes_of(dict(node.metadata)),
    )


def _usage(answer: Answer) -> ResponseUsage:
    read_tokens, written = answer.usage.prompt_tokens, answer.usage.answer_tokens
    return ResponseUsage(
        input_tokens=read_tokens,
        input_tokens_details=InputTokensDetails(cached_tokens=0, cache_write_tokens=0),
        output_tokens=written,
        output_tokens_details=OutputTokensDetails(reasoning_tokens=0),
        total_tokens=read_tokens + written,
    )
