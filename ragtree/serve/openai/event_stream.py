"""Work that ends when the client leaves, and streams of server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .error_replies import ClientLeftError

Result = TypeVar("Result")

_PATIENCE = 60.0
"""Seconds that a client may take to read what was sent before it counts as gone: its question holds a turn."""
_HEADERS = {"cache-control": "no-cache", "x-accel-buffering": "no"}


async def until_client_leaves(receive: Receive, work: Awaitable[Result]) -> Result:
    """The result of `work`. If the client leaves, the work is cancelled, and ClientLeftError is raised.

    The body of the request has to be read before.
    """
    task = asyncio.ensure_future(work)
    left = asyncio.ensure_future(_until_left(receive))
    try:
        await asyncio.wait({task, left}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientLeftError
        return task.result()
    finally:
        task.cancel()
        left.cancel()
        await asyncio.wait({task, left})
        if not task.cancelled():
            task.exception()  # it was raised above, or nobody waits for it any more


async def _until_left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def event(data: object, name: str = "") -> bytes:
    """An event of a stream. It is ASCII: some clients take other characters for ends of lines, such as U+2028."""
    text = data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))
    return (f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n".encode()


async def streamed(
    request: Request, events: AsyncGenerator[bytes, None], failed: Callable[[Exception], bytes]
) -> Response:
    """The reply that sends these events. What is raised before the first one is raised here, so that it can have a
    status of its own; `failed` makes the last event of what is raised later."""

    async def first() -> bytes:
        return await anext(events)

    return _EventStream(await until_client_leaves(request.receive, first()), events, failed)


class _EventStream(Response):
    """Sends events until they end or the client leaves."""

    media_type = "text/event-stream"

    def __init__(self, first: bytes, events: AsyncGenerator[bytes, None], failed: Callable[[Exception], bytes]) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]
        self._first = first
        self._events = events
        self._failed = failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the reply. If the client leaves, the events are closed."""
        try:
            await until_client_leaves(receive, self._send(send))
        except ClientLeftError:
            pass
        finally:
            await self._events.aclose()

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})

        async def part(body: bytes) -> None:
            try:
                async with asyncio.timeout(_PATIENCE):
                    await send({"type": "http.response.body", "body": body, "more_body": True})
            except TimeoutError:
                raise ClientLeftError from None

        await part(self._first)
        try:
            async with aclosing(self._events) as events:
                async for body in events:
                    await part(body)
        except ClientLeftError:
            raise
        except Exception as error:  # noqa: BLE001  # the edge: the status is sent already
            await part(self._failed(error))
        await send({"type": "http.response.body", "body": b""})
