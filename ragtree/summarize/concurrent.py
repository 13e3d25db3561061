"""Works on many items at once, and yields the results in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(work: Callable[[Item], Result], items: Iterable[Item], most: int) -> Generator[Result, None, None]:
    """Yield `work(item)` for every item, in order. Up to `most` run at once; with 1 no thread is used.

    At most twice as many results wait for an earlier one, so no more than that is lost if the caller stops.
    """
    if most < 2:
        yield from map(work, items)
        return
    pool = ThreadPoolExecutor(most)
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(copy_context().run, work, item))
            if len(waiting) >= 2 * most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
