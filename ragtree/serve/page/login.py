"""The form that takes a server's token, and lets the browser keep it."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, quote

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from ..guard import ServerAccess, cookie_for, cookie_name
from .static_files import STATIC

_SECONDS = 30 * 24 * 3600
_WAIT = 0.5
"""Seconds that a wrong token costs."""


def login_routes(access: ServerAccess) -> list[Route]:
    """The form, and what it sends."""

    async def show(_: Request) -> Response:
        # With the server's usual "no-referrer" a browser says of a form that it comes from nowhere.
        headers = {"cache-control": "no-store", "referrer-policy": "same-origin"}
        return FileResponse(STATIC / "login.html", headers=headers)

    async def enter(request: Request) -> Response:
        # The form is sent to its own address, which says what was wanted, even if no script has run yet.
        said = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=10)
        token = said.get("token", [""])[0].strip()
        place = safe_place(request.query_params.get("next", "/"))
        if access.holder(token) is None:
            await asyncio.sleep(_WAIT)
            return RedirectResponse(f"/login?wrong=1&next={quote(place, safe='')}", 303)
        response = RedirectResponse(place, 303)
        secure = request.url.scheme == "https"
        name = cookie_name(request.headers)
        response.set_cookie(name, cookie_for(token), max_age=_SECONDS, httponly=True, samesite="strict", secure=secure)
        return response

    return [Route("/login", show), Route("/login", enter, methods=["POST"])]


def safe_place(place: str) -> str:
    """A place on this server; the first page for anything else."""
    inside = place.startswith("/") and not place.startswith("//") and "\\" not in place and place.isprintable()
    return place if inside else "/"
