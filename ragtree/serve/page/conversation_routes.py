"""Routes of the conversation: ask, show what was said, begin anew, and take it along."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Send

from ...errors import RagtreeError
from ...types import Answer
from ..answer_events import Event, StepEvent, TextEvent, answer_events
from ..client_errors import client_message
from ..collections import Collection, Turns
from .answer_data import answer_data, as_markdown
from .browser_conversations import BrowserConversations, Conversation, browser_of, new_browser, remember
from .request_data import body_of, collection_of, number_of, reply, turns_of
from .why import why_found

logger = logging.getLogger(__name__)

_LONGEST = 20_000
"""Characters of a question."""


class ConversationRoutes:
    """The routes, over the conversations of one server."""

    def __init__(self, conversations: BrowserConversations) -> None:
        self._conversations = conversations

    def routes(self) -> list[Route]:
        """The routes of this module."""
        return [
            Route("/api/{name}/ask", self._ask, methods=["POST"]),
            Route("/api/{name}/conversation", self._show),
            Route("/api/{name}/conversation", self._forget, methods=["DELETE"]),
            Route("/api/{name}/conversation.md", self._export),
            Route("/api/{name}/why", self._why),
        ]

    async def _ask(self, request: Request) -> Response:
        """Lines of JSON: what is being done, checked pieces, and the whole answer or an error at the end."""
        collection, said = collection_of(request), await body_of(request)
        question, document = said.get("question"), said.get("document") or ""
        if not isinstance(question, str) or not question.strip():
            raise HTTPException(400, "the question is empty; ask something")
        if len(question) > _LONGEST or not isinstance(document, str):
            raise HTTPException(400, f"a question may have {_LONGEST:,} characters at most")
        browser = browser_of(request) or new_browser()
        conversation = self._conversation(browser, collection)
        lines = _lines(turns_of(request), collection, conversation, question, document)
        response = _LineStream(lines, media_type="application/x-ndjson", headers={"cache-control": "no-store"})
        remember(response, request, browser)
        return response

    def _conversation(self, browser: str, collection: Collection) -> Conversation:
        found = self._conversations.find(browser, collection)
        if found is None:
            return self._conversations.begin(browser, collection)
        if self._conversations.is_full(found):
            raise HTTPException(400, "this conversation has become too long; begin a new one")
        return found

    async def _show(self, request: Request) -> Response:
        found = self._conversations.find(browser_of(request), collection_of(request))
        answers = found.chat.history if found is not None else []
        document = found.document if found is not None else ""
        return reply({"answers": [answer_data(one) for one in answers], "document": document})

    async def _forget(self, request: Request) -> Response:
        self._conversations.forget(browser_of(request), collection_of(request))
        return Response(status_code=204)

    async def _export(self, request: Request) -> Response:
        collection = collection_of(request)
        found = self._conversations.find(browser_of(request), collection)
        text = as_markdown(collection.name, found.chat.history if found is not None else [])
        headers = {
            "content-disposition": f'attachment; filename="{collection.name}-conversation.md"',
            "cache-control": "no-store",
        }
        return Response(text, media_type="text/markdown; charset=utf-8", headers=headers)

    async def _why(self, request: Request) -> Response:
        """Why a source of an answer was found."""
        collection = collection_of(request)
        found = self._conversations.find(browser_of(request), collection)
        answers = found.chat.history if found is not None else []
        turn, number = number_of(request, "turn"), number_of(request, "number")
        cited = [one for one in answers[turn].citations if one.number == number] if turn < len(answers) else []
        if not cited:
            raise HTTPException(404, "there is no such source in the conversation")
        return reply(await why_found(collection.tree, cited[0], answers[turn].hits))


async def _lines(
    turns: Turns, collection: Collection, conversation: Conversation, question: str, document: str
) -> AsyncGenerator[str, None]:
    try:
        async with conversation.turn, turns.turn():
            conversation.ask_only(document)
            async with answer_events(conversation.chat, question) as events:
                async for event in events:
                    noted = await collection.noted(event) if isinstance(event, Answer) else event
                    yield _line(_told(noted, conversation))
    except RagtreeError as error:
        yield _line({"error": client_message(error)})
    except Exception:  # the reply has begun, so this is the place to say it
        logger.exception("a question to the page failed")
        yield _line({"error": "the server failed; its log says why"})


def _told(event: Event, conversation: Conversation) -> dict[str, object]:
    if isinstance(event, StepEvent):
        return {"doing": event.kind, "documents": len(event.sources)}
    if isinstance(event, TextEvent):
        return {"piece": event.text}
    return {"answer": answer_data(event), "turn": len(conversation.chat.history) - 1}


class _LineStream(StreamingResponse):
    """Ends what makes the lines as soon as nobody reads them, and not when its garbage is collected."""

    def __init__(self, lines: AsyncGenerator[str, None], media_type: str, headers: dict[str, str]) -> None:
        super().__init__(lines, media_type=media_type, headers=headers)
        self._made = lines

    async def stream_response(self, send: Send) -> None:
        """Send the lines."""
        async with aclosing(self._made):
            await super().stream_response(send)


def _line(data: object) -> str:
    return json.dumps(data, ensure_ascii=False) + "\n"
