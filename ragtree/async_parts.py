"""What an AsyncRagTree returns: a conversation, and a watched folder."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

from .answer.chat import Chat
from .async_jobs import Jobs, Pieces, RunInThread
from .indexing.watching import Watching
from .processes import ProcessBound
from .reports import SyncReport
from .stopping import check_wanted
from .types import Answer, OnStep, Where

Result = TypeVar("Result")

_LOOK = 0.2
"""Seconds between two checks whether a wait was cancelled."""


class AsyncChat(ProcessBound):
    """A Chat whose answers are awaited. Concurrent questions take turns."""

    def __init__(self, chat: Chat, run: RunInThread) -> None:
        """Called by `AsyncRagTree.chat`."""
        self._chat = chat
        self._run = run
        self._turn = threading.Lock()

    def __await__(self) -> Generator[Any, None, Self]:
        yield from ()
        return self

    def stream(self, question: str) -> Pieces[str]:
        """The answer in pieces; after the last piece, `last` holds all of it. If the reader is cancelled or calls
        `aclose`, the model stops and the question is not remembered."""

        def pieces() -> Generator[str, None, None]:
            with self._turn:
                yield from self._chat.stream(question)

        return Pieces(self._run, pieces)

    async def ask(self, question: str) -> Answer:
        """The whole answer at once."""

        def whole() -> Answer:
            with self._turn:
                return self._chat.ask(question)

        return await self._run(whole)

    async def alone(self, question: str) -> str:
        """Like `Chat.alone`."""

        def alone() -> str:
            with self._turn:
                return self._chat.alone(question)

        return await self._run(alone)

    def resume(self, turns: Sequence[Answer], understood: Sequence[str] = ()) -> None:
        """Like `Chat.resume`."""
        self._chat.resume(turns, understood)

    def reset(self) -> None:
        """Forget the conversation."""
        self._chat.reset()

    @property
    def mode(self) -> str | None:
        """The retrieval mode of the next questions; None means the setting retrieve.mode."""
        return self._chat.mode

    @mode.setter
    def mode(self, mode: str | None) -> None:
        self._chat.mode = mode

    @property
    def where(self) -> Where | None:
        """The filter for the documents that answer the next questions; None means all documents."""
        return self._chat.where

    @where.setter
    def where(self, where: Where | None) -> None:
        self._chat.where = where

    @property
    def on_step(self) -> OnStep:
        """Called in a thread with each step of an answer."""
        return self._chat.on_step

    @on_step.setter
    def on_step(self, told: OnStep) -> None:
        self._chat.on_step = told

    @property
    def history(self) -> list[Answer]:
        """The answers so far."""
        return self._chat.history

    @property
    def last(self) -> Answer | None:
        """The answer to the last question; None before the first and after a reset."""
        return self._chat.last

    @property
    def rewritten(self) -> str:
        """The last question, as it was rewritten for the search."""
        return self._chat.rewritten


class AsyncWatching(ProcessBound):
    """A Watching whose `stop` and `wait` are awaited."""

    def __init__(self, watching: Watching, jobs: Jobs) -> None:
        """Called by `AsyncRagTree.watch`."""
        self._watching = watching
        self._jobs = jobs

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Like `Watching.stop`."""
        await self._run(self._watching.stop)

    async def wait(self, timeout: float | None = None) -> bool:
        """Like `Watching.wait`."""
        return await self._run(lambda: self._wait(timeout))

    async def _run(self, work: Callable[[], Result]) -> Result:
        """Run `work` in a thread, or directly if the index was closed, which has already ended the watch."""
        return work() if self._jobs.ended else await self._jobs.run(work)

    def _wait(self, timeout: float | None) -> bool:
        """Wait in short intervals, so that the wait can be cancelled."""
        ends = None if timeout is None else time.monotonic() + timeout
        while True:
            check_wanted()
            left = _LOOK if ends is None else min(_LOOK, ends - time.monotonic())
            if self._watching.wait(max(left, 0.0)):
                return True
            if ends is not None and time.monotonic() >= ends:
                return False

    @property
    def folder(self) -> Path:
        """The folder that is watched."""
        return self._watching.folder

    @property
    def running(self) -> bool:
        """False after the watch has ended."""
        return self._watching.running

    @property
    def report(self) -> SyncReport | None:
        """The report of the last completed sync."""
        return self._watching.report

    @property
    def error(self) -> Exception | None:
        """Why the last sync failed; None if it succeeded."""
        return self._watching.error
