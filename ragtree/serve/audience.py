"""All interfaces over the collections that some people may see: those with one token, or everybody.

Each audience has routes, conversations and sessions of its own, so that none of them can show another one's.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from ..errors import RagtreeError
from .client_errors import client_message, status_of
from .collections import TOGETHER, Collection, Collections, Turns
from .guard import TooLargeError, error_body
from .mcp.http import McpEndpoint
from .openai.routes import routes as openai
from .page.page_images import PageImages
from .page.routes import page_routes
from .views import ViewPart, Views

logger = logging.getLogger(__name__)


class Audience:
    """The interfaces of one audience. They answer inside of `opened`."""

    def __init__(self, turns: Turns, pages: PageImages, write: bool, body: int) -> None:
        """With `write`, clients of MCP may add and remove documents. `body` is the most bytes of a request."""
        self.collections = Collections()
        self._agents = McpEndpoint(self.collections, turns, write, body)
        routes: list[BaseRoute] = [
            Route("/mcp", self._agents),
            Route("/mcp/", self._agents),  # as many clients write it
            *openai(self.collections, turns),
            *page_routes(pages),  # the last ones: they hold /{name}
        ]
        self._app = Starlette(routes=routes, exception_handlers=HANDLERS)
        self._app.state.collections, self._app.state.turns = self.collections, turns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if any(one.is_outdated() for one in self.collections):
            text = "the documents are not up to date, so they are not shown; the server's log says why"
            await JSONResponse(error_body(text, 503), 503, headers={"retry-after": "30"})(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def see(
        self, sees: Mapping[str, Mapping[str, Any]], whole: Sequence[Collection], views: Views, together: bool
    ) -> None:
        """Show parts of the collections, by name with a filter each; with `together` also all of them as one."""
        parts = [ViewPart(one, sees[one.name]) for one in whole if one.name in sees]
        for part in parts:
            self.collections.keep(await views.view(part.collection.name, [part]))
        if together and len(parts) > 1:
            named = [ViewPart(part.collection, part.where, f"{part.collection.name}/") for part in parts]
            self.collections.keep(await views.view(TOGETHER, named))

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Keep the sessions of agents, until the end."""
        async with self._agents.opened():
            try:
                yield
            finally:
                self.collections.clear()


async def _failed(_: Request, error: RagtreeError) -> Response:
    status = status_of(error)
    headers = {"retry-after": "5"} if status in (429, 503) else None
    return JSONResponse(error_body(client_message(error), status), status, headers=headers)


async def _refused(_: Request, error: HTTPException) -> Response:
    return JSONResponse(error_body(error.detail, error.status_code), error.status_code, headers=error.headers)


async def _too_large(_: Request, __: TooLargeError) -> Response:
    return JSONResponse(error_body("the request is too long", 413), 413)


async def _broken(request: Request, error: Exception) -> Response:
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return JSONResponse(error_body("the server failed; its log says why", 500), 500)


HANDLERS: dict[Any, Any] = {
    RagtreeError: _failed,
    HTTPException: _refused,
    TooLargeError: _too_large,
    Exception: _broken,
}
"""What becomes of each kind of error. The type is Starlette's, which wants handlers of all exceptions."""
