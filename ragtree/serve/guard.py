"""What every request has to pass (host, origin, token, size of the body), and the headers of every reply."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import SettingsError
from .readers import AuthorizedReader

TOKEN_COOKIE = "ragtree_token"
OWNER = ""
"""The name of who sends the server's own token, and sees everything."""
SENDER = "ragtree.sender"
"""The key of an ASGI scope under which the guard leaves who sends a request."""
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "font-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
"""Sent unless a route says otherwise."""
_FORM_FILES = ("style.css", "login.js", "dom.js", "texts.js", "texts.en.json", "texts.de.json", "icon.svg")
_OPEN = frozenset({"/health", "/login", *(f"/static/{name}" for name in _FORM_FILES)})
"""Paths that need no token: the form that takes it, and what that form loads."""
_FOR_PROGRAMS = frozenset({"api", "v1", "mcp", "static"})
"""What the paths begin with that no person opens."""


@dataclass(frozen=True, slots=True)
class ServerAccess:
    """Who may ask a server what."""

    token: str = field(default="", repr=False)
    """What clients have to send; empty lets everybody in who reaches the server."""
    hosts: frozenset[str] = LOCAL_NAMES
    """Names under which the server may be addressed, in lower case."""
    body: int = 4 * 1024 * 1024
    """Most bytes of a request."""
    readers: tuple[AuthorizedReader, ...] = ()
    """People who see a part of the documents, each with a token."""

    @property
    def is_open(self) -> bool:
        """True if nobody has to send a token."""
        return not self.token and not self.readers

    @property
    def has_owner(self) -> bool:
        """True if somebody can see everything."""
        return bool(self.token) or not self.readers

    @property
    def _secrets(self) -> list[tuple[str, str]]:
        """Each name with its token."""
        owner = [(OWNER, self.token)] if self.token else []
        return owner + [(reader.name, reader.token) for reader in self.readers]

    def holder(self, token: str) -> str | None:
        """Who sends this token: a reader's name, or `OWNER`; None if nobody does.

        It takes the same time for every wrong token.
        """
        return self._known(token, lambda secret: secret)

    def holder_of_cookie(self, cookie: str) -> str | None:
        """Who sends this cookie of the page, like `holder`."""
        return self._known(cookie, cookie_for)

    def _known(self, said: str, kept: Callable[[str], str]) -> str | None:
        if self.is_open:
            return OWNER
        found = None
        for name, secret in self._secrets:  # all of them, however early one fits
            if hmac.compare_digest(_digest(said), _digest(kept(secret))):
                found = name
        return found

    def sender(self, headers: Headers) -> str | None:
        """Who sends a request: it brings a token as a bearer token, as an API key, or in the page's cookie."""
        kind, _, value = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self.holder(value.strip())
        if "x-api-key" in headers:
            return self.holder(headers["x-api-key"])
        return self.holder_of_cookie(cookie_parser(headers.get("cookie", "")).get(cookie_name(headers), ""))


def cookie_for(token: str) -> str:
    """What a browser keeps in place of the token: other servers of the machine are sent the same cookies."""
    return hmac.new(token.encode(), b"cookie", sha256).hexdigest()


def access_for(
    host: str, token: str, names: Iterable[str] = (), readers: tuple[AuthorizedReader, ...] = ()
) -> ServerAccess:
    """The access for a server that listens at `host`, and that is reached by these other names as well.

    Raises SettingsError for an address that other machines reach, without a token, and for a token that headers cannot
    hold.
    """
    token = token.strip()
    if not (token.isascii() and token.isprintable()):
        raise SettingsError("the token has characters that HTTP headers cannot hold; use ASCII letters and digits")
    if any(token == reader.token for reader in readers):
        raise SettingsError("a reader has the server's own token, which shows everything; each needs its own")
    if not is_loopback(host) and not token and not readers:
        raise SettingsError(
            f"--host {host} can be reached from other machines: set a token with RAGTREE_TOKEN or --token"
        )
    return ServerAccess(token, LOCAL_NAMES | {host.lower()} | {name.lower() for name in names}, readers=readers)


def is_loopback(host: str) -> bool:
    """True for an address that only this machine reaches."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


class Guard:
    """ASGI middleware that refuses what `ServerAccess` does not allow."""

    def __init__(self, app: ASGIApp, access: ServerAccess) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        sender = self._access.sender(headers)
        refused = self._refusal(scope["path"], headers, sender)
        if refused is not None:
            status, text = refused
            if status == 401 and _is_page(scope, headers):
                query = scope["query_string"].decode("latin-1")
                place = quote(scope["path"], safe="/") + (f"?{query}" if query else "")
                reply: Response = RedirectResponse(f"/login?next={quote(place, safe='')}", 303)
                await reply(scope, receive, _with_headers(send))
                return
            extra = {"www-authenticate": "Bearer"} if status == 401 else None
            reply = JSONResponse(error_body(text, status), status, headers=extra)
            await reply(scope, receive, _with_headers(send))
            return
        passed = {**scope, SENDER: sender}
        await self._app(passed, _limited(receive, self._access.body), _with_headers(send))

    def _refusal(self, path: str, headers: Headers, sender: str | None) -> tuple[int, str] | None:
        """Status and reason, if the request is refused."""
        host = _host(headers.get("host", ""))
        if not host:
            return 421, "the Host header is missing or malformed"
        if host not in self._access.hosts:
            return 421, f"this server does not answer to the name {host!r}; start it with --name {host}"
        if "origin" in headers and self._is_foreign(headers["origin"], headers["host"]):
            return 403, "requests from pages of other sites are refused"
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self._access.body:
            return 413, f"a request may have {self._access.body:,} bytes at most"
        if path not in _OPEN and sender is None:
            return 401, "send a token that this server knows: Authorization: Bearer TOKEN"
        return None

    def _is_foreign(self, origin: str, host: str) -> bool:
        """True for a page that this server has not sent. On this machine each port is a site of its own."""
        netloc = urlsplit(origin).netloc.lower()
        name = _host(netloc)
        return name not in self._access.hosts or (name in LOCAL_NAMES and netloc != host.lower())


def _is_page(scope: Scope, headers: Headers) -> bool:
    """True where a person opens a page with a browser, who can be shown a form."""
    wants_html = "text/html" in headers.get("accept", "") and "authorization" not in headers
    begins = scope["path"].lstrip("/").partition("/")[0]
    return scope["method"] == "GET" and wants_html and begins not in _FOR_PROGRAMS


def cookie_name(headers: Headers) -> str:
    """The name of the token's cookie: browsers share cookies among all ports of a host."""
    try:
        port = urlsplit(f"//{headers.get('host', '')}").port
    except ValueError:
        port = None
    return f"{TOKEN_COOKIE}_{port}" if port else TOKEN_COOKIE


def error_body(text: str, status: int, code: str | None = None) -> dict[str, object]:
    """An error in the form that OpenAI's clients understand."""
    kinds = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
    kind = kinds.get(status, "server_error" if status >= 500 else "invalid_request_error")
    return {"error": {"message": text, "type": kind, "param": None, "code": code}}


class TooLargeError(Exception):
    """The body of a request is longer than allowed; it did not say so before."""


def _limited(receive: Receive, most: int) -> Receive:
    """Stops a body without a length at `most` bytes."""
    read = 0

    async def limited() -> Message:
        nonlocal read
        message = await receive()
        if message["type"] == "http.request":
            read += len(message.get("body", b""))
            if read > most:
                raise TooLargeError
        return message

    return limited


def _with_headers(send: Send) -> Send:
    async def adding(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return adding


def _host(netloc: str) -> str:
    """The name of a host without its port, in lower case; empty if it is not well-formed."""
    if "@" in netloc:
        return ""
    try:
        parts = urlsplit(f"//{netloc}")
        _ = parts.port  # raises if it is none
        return (parts.hostname or "").lower()
    except ValueError:
        return ""
