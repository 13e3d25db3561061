"""The ASGI application: the routes of all interfaces behind one guard, over the collections of one process."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ..errors import RagtreeError
from .collections import Collections, Folder, Turns
from .guard import Access, Guard, TooLargeError, error_body
from .mcp.http import McpEndpoint
from .openai.routes import routes as openai
from .page.page_images import PageImages
from .page.routes import page_routes
from .telling import status_of, told

logger = logging.getLogger(__name__)


def make_app(
    folders: Sequence[Folder], access: Access, *, watch: bool = True, write: bool = False, at_once: int = 4
) -> Starlette:
    """The application that serves these folders. The indexes are opened when it starts, and closed when it ends.

    With `watch`, the indexes follow their folders. With `write`, clients of MCP may add and remove documents. At most
    `at_once` answers are made at the same time.
    """
    collections = Collections(folders, watch)
    turns = Turns(at_once)
    pages = PageImages()
    agents = McpEndpoint(collections, turns, write, access.body)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(collections.opened())
            await stack.enter_async_context(agents.opened())
            stack.push_async_callback(pages.close)
            yield

    routes: list[BaseRoute] = [
        Route("/health", _health),
        Route("/mcp", agents),
        Route("/mcp/", agents),  # as many clients write it
        *openai(collections, turns),
        *page_routes(access, pages),  # the last ones: they hold /{name}
    ]
    handlers = {RagtreeError: _failed, HTTPException: _refused, TooLargeError: _too_large, Exception: _broken}
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Guard, access=access)],
        exception_handlers=handlers,  # type: ignore[arg-type]  # Starlette's type wants handlers of all exceptions
        lifespan=lifespan,
    )
    app.state.collections, app.state.turns = collections, turns
    return app


async def _health(_: Request) -> Response:
    """For load balancers and containers."""
    return JSONResponse({"status": "ok"})


async def _failed(_: Request, error: RagtreeError) -> Response:
    status = status_of(error)
    headers = {"retry-after": "5"} if status in (429, 503) else None
    return JSONResponse(error_body(told(error), status), status, headers=headers)


async def _refused(_: Request, error: HTTPException) -> Response:
    return JSONResponse(error_body(error.detail, error.status_code), error.status_code, headers=error.headers)


async def _too_large(_: Request, __: TooLargeError) -> Response:
    return JSONResponse(error_body("the request is too long", 413), 413)


async def _broken(request: Request, error: Exception) -> Response:
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return JSONResponse(error_body("the server failed; its log says why", 500), 500)
