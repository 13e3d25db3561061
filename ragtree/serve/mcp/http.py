"""MCP over HTTP ("streamable HTTP"), as a part of the application of `ragtree serve`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import Receive, Scope, Send

from ..collections import Collections, Turns
from .server import make_server

_MOST_SESSIONS = 1000
_BY_THE_GUARD = TransportSecuritySettings(enable_dns_rebinding_protection=False)
"""Hosts and origins were checked before a request comes here, by the names that the server has. The package's own check
knows only names with their ports, and would refuse others of them."""


class McpEndpoint:
    """The ASGI application at /mcp. It answers inside of `opened`."""

    def __init__(self, collections: Collections, turns: Turns, write: bool, body: int) -> None:
        """`body` is the most bytes of a request."""
        self._server = make_server(collections, turns, write)
        self._body = body
        self._sessions: StreamableHTTPSessionManager | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Keeps the sessions of clients; at the end, what still runs for them is cancelled."""
        sessions = StreamableHTTPSessionManager(
            self._server,
            security_settings=_BY_THE_GUARD,
            max_request_body_size=self._body,
            max_sessions=_MOST_SESSIONS,
        )
        async with sessions.run():
            self._sessions = sessions
            try:
                yield
            finally:
                self._sessions = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        assert self._sessions is not None  # the application has started
        await self._sessions.handle_request(scope, receive, send)
