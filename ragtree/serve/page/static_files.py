"""The files of the page."""

from __future__ import annotations

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from ..collections import Collections

STATIC = Path(__file__).parent / "static"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


def static_route() -> Route:
    """What the page loads. It is the same for everybody."""
    return Route("/static/{file}", _file)


def file_routes() -> list[Route]:
    """The shell, wherever an address within a collection leads."""
    return [
        Route("/", _first),
        Route("/{name}", _first),
        Route("/{name}/", _shell),
        Route("/{name}/documents/{rest:path}", _shell),
        Route("/{name}/nodes/{rest:path}", _shell),
    ]


async def _first(request: Request) -> Response:
    collections: Collections = request.app.state.collections
    named = request.path_params.get("name")
    collection = collections.get(named) if named else collections.first
    return RedirectResponse(f"/{collection.name}/") if named else await _shell(request)


async def _shell(request: Request) -> Response:
    collections: Collections = request.app.state.collections
    if "name" in request.path_params:
        collections.get(request.path_params["name"])
    return _sent("index.html")


async def _file(request: Request) -> Response:
    """A file of the page; there are no folders, so that a name is looked for among those that there are."""
    name = request.path_params["file"]
    if name not in {path.name for path in STATIC.iterdir()} or name.endswith(".html"):
        raise HTTPException(404, "there is no such file")
    return _sent(name)


def _sent(name: str) -> Response:
    path = STATIC / name
    return FileResponse(path, headers={"cache-control": "no-cache"}, media_type=_TYPES[path.suffix])
