"""Runs an ASGI application until a signal ends it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from ..errors import SettingsError

_GRACE = 2
"""Seconds that requests under way have to end after a signal; then they are cancelled."""


def run(app: ASGIApp, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve at this address until SIGINT or SIGTERM; `ready` is told the address when the server answers.

    Port 0 takes a free one. Raises SettingsError if the address cannot be used, and what opening an index raises.
    """
    listening = _listening(host, port)
    name = f"[{host}]" if ":" in host else host
    address = f"http://{name}:{listening.getsockname()[1]}"
    server = _Server(app, lambda: ready(address))
    try:
        asyncio.run(server.serve(sockets=[listening]))
    except KeyboardInterrupt:  # uvicorn raises the signal again after a graceful end
        pass
    except SystemExit:
        if server.failure is None:
            raise
    finally:
        listening.close()
    if server.failure is not None and not server.started:
        raise server.failure


class _Server(uvicorn.Server):
    """Tells when it has started, and keeps the error that stopped it from starting."""

    def __init__(self, app: ASGIApp, ready: Callable[[], None]) -> None:
        self.failure: Exception | None = None

        async def watched(scope: object, receive: object, send: object) -> None:
            try:
                await app(scope, receive, send)  # type: ignore[arg-type]
            except Exception as error:  # of the start; requests have handlers
                self.failure = self.failure or error
                raise

        super().__init__(
            uvicorn.Config(
                watched,
                lifespan="on",
                log_level="critical",
                server_header=False,
                access_log=False,
                timeout_graceful_shutdown=_GRACE,
                timeout_keep_alive=30,
                ws="none",
            )
        )
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise SettingsError(f"cannot listen at {host}:{port}: {error.strerror}; try another --port") from error
    return listening
