"""MCP over standard input and output, for clients that start the server themselves."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any, TypeAlias, cast

import anyio
from mcp.server.stdio import stdio_server
from mcp.shared._stream_protocols import ReadStream, WriteStream
from mcp.shared.message import SessionMessage

from ...errors import RagtreeError
from ..collections import Collections, ServedFolder, Turns
from ..open_folders import OpenFolders
from .server import make_server

Incoming: TypeAlias = ReadStream[SessionMessage | Exception]
Outgoing: TypeAlias = WriteStream[SessionMessage]


def run(folders: Sequence[ServedFolder], *, watch: bool = True, write: bool = False) -> None:
    """Serve these folders until the client closes the input, or a signal ends the process.

    Clients start a process for each window, so an index that another process holds is read as that one keeps it.

    Nothing but the protocol is written to standard output: until the end, what libraries print there goes to standard
    error. Raises what `RagTree.open` raises.
    """
    asyncio.run(_serve(folders, watch, write))


async def _serve(folders: Sequence[ServedFolder], watch: bool, write: bool) -> None:
    lines = _Lines()
    failure: RagtreeError | None = None
    try:
        async with stdio_server(stdin=cast(Any, lines)) as (read, written):
            try:
                await _answer(OpenFolders(folders, watch, shares=True), write, read, written)
            except RagtreeError as error:  # raised below: out of here it would come in a group
                failure = error
            finally:
                lines.end()
                await read.aclose()
                await written.aclose()
    except* anyio.BrokenResourceError:  # the client has written something that is not read any more
        pass
    if failure is not None:
        raise failure


async def _answer(folders: OpenFolders, write: bool, read: Incoming, written: Outgoing) -> None:
    """Until the client is gone, or SIGTERM comes."""
    ended = _ends_with_sigterm()
    async with folders.opened() as found:
        collections = Collections()
        for collection in found:
            collections.keep(collection)
        server = make_server(collections, Turns(), write)
        serving = asyncio.ensure_future(server.run(read, written, server.create_initialization_options()))
        ending = asyncio.ensure_future(ended.wait())
        try:
            await asyncio.wait([serving, ending], return_when=asyncio.FIRST_COMPLETED)
        finally:
            ending.cancel()
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving


def _ends_with_sigterm() -> asyncio.Event:
    """Set by SIGTERM, which clients send to a server that does not end by itself."""
    ended = asyncio.Event()
    with suppress(NotImplementedError):  # Windows has no such signal
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    return ended


class _Lines:
    """The lines of standard input, as they come.

    They are read in a thread that nobody waits for: one that the event loop waits for would keep a signal from ending
    the process until the next line comes.
    """

    def __init__(self) -> None:
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        # Not sys.stdin itself: the interpreter wants its lock when it ends, and the thread would hold it.
        self._input = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
        threading.Thread(target=self._read, name="ragtree-stdin", daemon=True).start()

    def end(self) -> None:
        """No line is wanted any more."""
        self._lines.put_nowait("")

    def _read(self) -> None:
        with suppress(RuntimeError, OSError):  # the loop has ended
            for line in self._input:
                self._loop.call_soon_threadsafe(self._lines.put_nowait, line.decode("utf-8", "replace"))
            self._loop.call_soon_threadsafe(self._lines.put_nowait, "")

    async def __aiter__(self) -> AsyncIterator[str]:
        while line := await self._lines.get():
            yield line
