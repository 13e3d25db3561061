"""The ASGI application: behind one guard, an application for each audience, over the indexes of one process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from .audience import HANDLERS, Audience
from .collections import ServedFolder, Turns
from .guard import OWNER, SENDER, Guard, ServerAccess, error_body
from .open_folders import OpenFolders
from .page.page_images import PageImages
from .page.routes import open_routes
from .views import Views


def make_app(
    folders: Sequence[ServedFolder],
    access: ServerAccess,
    *,
    watch: bool = True,
    write: bool = False,
    at_once: int = 4,
    together: bool = False,
) -> Starlette:
    """The application that serves these folders. The indexes are opened when it starts, and closed when it ends.

    With `watch`, the indexes follow their folders. With `write`, clients of MCP may add and remove documents; readers
    may not. At most `at_once` answers are made at the same time. With `together`, there is another collection, `all`,
    with the documents of all folders, or of all that a reader sees.
    """
    served = OpenFolders(folders, watch)
    turns, pages = Turns(at_once), PageImages()
    owner = Audience(turns, pages, write, access.body)
    audiences = {OWNER: owner}
    audiences |= {one.name: Audience(turns, pages, write=False, body=access.body) for one in access.readers}

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            whole = await stack.enter_async_context(served.opened())
            views = Views(stack)
            if access.has_owner:
                await owner.see({one.name: {} for one in whole}, whole, views, together)
            for reader in access.readers:
                await audiences[reader.name].see(reader.sees, whole, views, together)
            views.remove_others(whole)
            for audience in audiences.values():
                await stack.enter_async_context(audience.opened())
            stack.push_async_callback(pages.close)
            yield

    async def by_sender(scope: Scope, receive: Receive, send: Send) -> None:
        audience = audiences.get(scope[SENDER])  # nobody, where a path is open to one method only
        await (audience or _refused)(scope, receive, send)

    app = Starlette(
        routes=[Route("/health", _health), *open_routes(access), Mount("/", by_sender)],
        middleware=[Middleware(Guard, access=access)],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
    app.state.collections, app.state.turns = owner.collections, turns
    return app


async def _health(_: Request) -> Response:
    """For load balancers and containers."""
    return JSONResponse({"status": "ok"})


async def _refused(scope: Scope, receive: Receive, send: Send) -> None:
    await JSONResponse(error_body("send a token that this server knows", 401), 401)(scope, receive, send)
