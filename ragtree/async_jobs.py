"""Threads for asyncio: a limited number of calls at once, streamed steps and pieces, and cancellation between them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from contextvars import copy_context
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from .errors import StoreError
from .stopping import Stopped, check_wanted, stopped_by
from .types import OnProgress, Progress

Result = TypeVar("Result")
Piece = TypeVar("Piece")


class RunInThread(Protocol):
    """Runs something in a thread."""

    async def __call__(self, work: Callable[[], Result], /) -> Result:
        """The result of `work`. If the call is cancelled, the work ends between two steps."""
        ...


class Jobs:
    """Runs at most `threads` calls at once, each in a thread; the others wait. Tasks and threads may share it."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="ragtree-async")
        self._running: dict[Future[Any], threading.Event] = {}
        self.ended = False
        """True once all threads have ended."""

    async def run(self, work: Callable[[], Result], undo: Callable[[Result], object] | None = None) -> Result:
        """The result of `work`. If this call is cancelled, the work is asked to stop, and a result that it returns
        anyway is passed to `undo`."""
        stop = threading.Event()
        context = copy_context()

        def job() -> Result:
            try:
                with stopped_by(stop):
                    check_wanted()
                    return work()
            except Stopped:
                raise StoreError("the index was closed before this call had ended; open it again") from None

        future = self._pool.submit(context.run, job)
        self._running[future] = stop
        future.add_done_callback(lambda done: self._running.pop(done, None))
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            stop.set()
            if undo is not None:
                future.add_done_callback(partial(_undone, undo))
            raise

    def stop(self) -> None:
        """Ask all running calls to stop."""
        for stop in list(self._running.values()):
            stop.set()

    async def end(self) -> None:
        """Wait until all calls have ended. Afterwards no thread is left."""
        while running := list(self._running):
            await asyncio.wait([asyncio.wrap_future(future) for future in running])
        self.ended = True
        self._pool.shutdown(wait=True)  # its threads are idle, and end at once

    def abandon(self) -> None:
        """Shut down without waiting: each thread ends after its current call."""
        self._pool.shutdown(wait=False)


def _undone(undo: Callable[[Result], object], done: Future[Result]) -> None:
    if not done.cancelled() and done.exception() is None:
        undo(done.result())


class Progressing(Generic[Result]):
    """A call with steps: `await` it for its result, optionally after `async for` over its steps.

    It starts when it is first awaited or iterated over.
    """

    def __init__(self, run: RunInThread, work: Callable[[OnProgress], Result], told: OnProgress) -> None:
        """`told` is called with each step, in the thread."""
        self._run = run
        self._work = work
        self._told = told
        self._task: asyncio.Task[Result] | None = None
        self._steps: asyncio.Queue[Progress | None] | None = None

    def __await__(self) -> Generator[Any, None, Result]:
        return self._begun().__await__()

    async def __aiter__(self) -> AsyncIterator[Progress]:
        steps = self._steps = asyncio.Queue()
        task = self._begun()
        task.add_done_callback(lambda _: steps.put_nowait(None))
        try:
            while (step := await steps.get()) is not None:
                yield step
        except asyncio.CancelledError:
            task.cancel()
            raise
        await task  # raises the exception of the call

    def _begun(self) -> asyncio.Task[Result]:
        if self._task is None:
            loop = asyncio.get_running_loop()

            def progress(step: Progress) -> None:
                check_wanted()
                self._told(step)
                if self._steps is not None:
                    loop.call_soon_threadsafe(self._steps.put_nowait, step)

            self._task = asyncio.ensure_future(self._run(lambda: self._work(progress)))
        return self._task


class Pieces(Generic[Piece]):
    """The pieces of a generator that runs in a thread, for `async for`. The thread does not wait for the reader.

    If the reader's task is cancelled, or `aclose` is called, the generator is closed after its next piece.
    """

    def __init__(self, run: RunInThread, make: Callable[[], Generator[Piece, None, object]]) -> None:
        self._run = run
        self._make = make
        self._left = threading.Event()
        self._task: asyncio.Task[None] | None = None
        self._pieces: asyncio.Queue[Piece | None] = asyncio.Queue()

    def __aiter__(self) -> AsyncIterator[Piece]:
        return self

    async def __anext__(self) -> Piece:
        if self._task is None:
            self._task = asyncio.ensure_future(self._run(self._pump(asyncio.get_running_loop())))
            self._task.add_done_callback(lambda _: self._pieces.put_nowait(None))
        try:
            piece = await self._pieces.get()
        except asyncio.CancelledError:
            self._left.set()
            self._task.cancel()
            raise
        if piece is not None:
            return piece
        self._pieces.put_nowait(None)  # so that another `anext` also ends
        if not self._task.cancelled():
            self._task.result()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Stop the generator, and wait for its end. May be called more than once."""
        self._left.set()
        if self._task is not None:
            await asyncio.wait([self._task])

    def __del__(self) -> None:
        self._left.set()

    def _pump(self, loop: asyncio.AbstractEventLoop) -> Callable[[], None]:
        left, put, make = self._left, self._pieces.put_nowait, self._make  # without self, which may be garbage by then

        def pump() -> None:
            try:
                with stopped_by(left), closing(make()) as pieces:
                    for piece in pieces:
                        check_wanted()
                        loop.call_soon_threadsafe(put, piece)
            except Stopped:
                if not left.is_set():
                    raise

        return pump
