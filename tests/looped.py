"""AsyncRagTree with the interface of RagTree: every call is made inside an event loop that runs in a thread of its own.

So the tests of RagTree also test AsyncRagTree.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

from ragtree import AsyncChat, AsyncRagTree, AsyncWatching, RagTree


class Loop:
    """An event loop that runs until it is closed."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="loop", daemon=True)
        self._thread.start()

    def __call__(self, found: Awaitable[Any]) -> Any:
        """Await something in the loop, and return the result."""

        async def result() -> Any:
            return await found

        return asyncio.run_coroutine_threadsafe(result(), self._loop).result(timeout=300)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Looped:
    """An asynchronous object that is used without `await`."""

    def __init__(self, one: object, loop: Loop) -> None:
        self.__dict__.update(_one=one, _loop=loop)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._one, name)
        return partial(self._called, found) if callable(found) and not isinstance(found, type) else found

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._one, name, value)

    def _called(self, method: Callable[..., Any], *args: object, **kwargs: object) -> Any:
        async def call() -> Any:
            found = method(*args, **kwargs)
            if inspect.isawaitable(found) and not isinstance(found, AsyncChat):
                return await found
            return found

        found = self._loop(call())
        if hasattr(found, "__anext__"):
            return self._iterated(found)
        return Looped(found, self._loop) if isinstance(found, AsyncChat | AsyncWatching) else found

    def _iterated(self, found: Any) -> Iterator[Any]:
        end = object()

        async def following() -> Any:
            return await anext(found, end)

        try:
            while (item := self._loop(following())) is not end:
                yield item
        finally:
            self._loop(found.aclose())

    def __enter__(self) -> Looped:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class LoopedTree:
    """Takes the place of the class RagTree."""

    def __init__(self) -> None:
        self.loop = Loop()
        self.trees: list[Looped] = []

    def open(self, *args: Any, **kwargs: Any) -> Looped:
        async def opened() -> AsyncRagTree:
            return await AsyncRagTree.open(*args, **kwargs)

        self.trees.append(Looped(self.loop(opened()), self.loop))
        return self.trees[-1]

    def salvage(self, *args: Any) -> Any:
        return self.loop(AsyncRagTree.salvage(*args))


def fronts() -> dict[str, Callable[[], Any]]:
    """What a test uses as RagTree: the class itself, and AsyncRagTree behind a `LoopedTree`."""
    return {"sync": lambda: RagTree, "async": LoopedTree}
