"""The addresses of OpenAI's interface."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ..collections import Collections, Turns
from ..guard import TooLargeError
from . import chat, embeddings, files, models, responses, stores
from .error_replies import ClientLeftError, reply_to
from .question_service import QuestionService

Handler = Callable[[Request, QuestionService], Awaitable[Response]]

_LEFT = 499
"""The status that nginx logs for a client that has left; nobody gets it."""


def routes(collections: Collections, turns: Turns) -> list[BaseRoute]:
    """The routes, all below /v1."""
    service = QuestionService(collections, turns)

    def route(path: str, handler: Handler, method: str = "GET") -> Route:
        return Route(f"/v1/{path}", _answering(handler, service), methods=[method])

    return [
        route("models", models.listing),
        route("models/{model:path}", models.retrieve),
        route("chat/completions", chat.completions, "POST"),
        route("responses", responses.create, "POST"),
        route("embeddings", embeddings.create, "POST"),
        route("vector_stores", stores.listing),
        route("vector_stores/{store}", stores.retrieve),
        route("vector_stores/{store}/files", stores.files),
        route("vector_stores/{store}/search", stores.search, "POST"),
        route("files", files.listing),
        route("files/{file_id}", files.retrieve),
        route("files/{file_id}/content", files.content),
    ]


def _answering(handler: Handler, service: QuestionService) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            return await handler(request, service)
        except (ClientLeftError, ClientDisconnect):
            return Response(status_code=_LEFT)
        except (HTTPException, TooLargeError):
            raise
        except Exception as error:  # noqa: BLE001  # the edge: a client is told that something failed, and the log what
            return reply_to(error)

    return endpoint
