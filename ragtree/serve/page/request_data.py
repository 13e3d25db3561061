"""What the page's routes share: the collection that an address names, its parameters, and replies."""

from __future__ import annotations

import json
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ...errors import NotFoundError
from ...types import Document, Location
from ..collections import Collection, Collections, Turns


def collection_of(request: Request) -> Collection:
    """The collection that the address names. Raises NotFoundError."""
    collections: Collections = request.app.state.collections
    return collections.get(request.path_params["name"])


def turns_of(request: Request) -> Turns:
    """The turns of the server."""
    turns: Turns = request.app.state.turns
    return turns


async def document_of(request: Request, collection: Collection) -> Document:
    """The document that the parameter `document` names. Raises NotFoundError."""
    key = request.query_params.get("document", "")
    document = await collection.tree.document(key)
    if document is None:
        raise NotFoundError(f"there is no document {key!r}")
    return document


def number_of(request: Request, name: str, default: int = 0, most: int = 2**31) -> int:
    """A parameter that is a whole number from 0 to `most`. Raises HTTPException for anything else."""
    said = request.query_params.get(name, "")
    if not said:
        return default
    if not said.isascii() or not said.isdigit() or len(said) > len(str(most)) or int(said) > most:
        raise HTTPException(400, f"{name} has to be a number from 0 to {most}")
    return int(said)


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object in the body. Raises HTTPException where there is none.

    A form of another site cannot send this type without asking the browser first.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "send JSON (content-type: application/json)")
    try:
        found = json.loads(await request.body() or b"{}")
        json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair cannot be stored or sent
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise HTTPException(400, "the body has to be a JSON object")
    return found


def location_data(location: Location) -> dict[str, object]:
    """Where a place is, for the page to say it in its language."""
    heading = location.heading[-1] if location.heading else ""
    return {"page": location.page, "line": location.line, "heading": heading, "described": location.described}


def reply(content: object, status: int = 200) -> Response:
    """JSON that is not kept: the index may change at any time."""
    return JSONResponse(content, status, headers={"cache-control": "no-store"})
