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

from ..errors import NotFoundError, QueryError, RagtreeError, StoreError
from .collections import BusyError, Collections, Folder, Turns
from .guard import Access, Guard, TooLargeError, error_body

logger = logging.getLogger(__name__)


def make_app(folders: Sequence[Folder], access: Access, *, watch: bool = True, at_once: int = 4) -> Starlette:
    """The application that serves these folders. The indexes are opened when it starts, and closed when it ends.

    With `watch`, the indexes follow their folders. At most `at_once` answers are made at the same time.
    """
    from .page.routes import page_routes  # they tell errors as it is done here

    collections = Collections(folders, watch)
    turns = Turns(at_once)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(collections.opened())
            yield

    routes: list[BaseRoute] = [Route("/health", _health), *page_routes(access)]
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


def status_of(error: RagtreeError) -> int:
    """The HTTP status that says best what an error means for a client."""
    if isinstance(error, BusyError):
        return 429
    if isinstance(error, NotFoundError):
        return 404
    if isinstance(error, QueryError):
        return 400
    return 503 if isinstance(error, StoreError) else 502


def told(error: RagtreeError) -> str:
    """What a client is told of an error, in one line. What is wrong on this side may name paths and addresses of the
    machine: that is logged instead."""
    status = status_of(error)
    if status < 500:
        return " ".join(str(error).split())
    logger.warning("a request failed: %s", error)
    return "the index cannot be used now" if status == 503 else "the language model failed; the server's log says why"


async def _failed(_: Request, error: RagtreeError) -> Response:
    status = status_of(error)
    headers = {"retry-after": "5"} if status in (429, 503) else None
    return JSONResponse(error_body(told(error), status), status, headers=headers)


async def _refused(_: Request, error: HTTPException) -> Response:
    return JSONResponse(error_body(error.detail, error.status_code), error.status_code, headers=error.headers)


async def _too_large(_: Request, __: TooLargeError) -> Response:
    return JSONResponse(error_body("the request is too long", 413), 413)


async def _broken(_: Request, __: Exception) -> Response:
    return JSONResponse(error_body("the server failed; its log says why", 500), 500)
