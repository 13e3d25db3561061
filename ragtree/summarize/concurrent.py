"""Work on many things at once, and hand the results over in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(work: Callable[[Item], Result], items: Iterable[Item], most: int) -> Generator[Result, None, None]:
    """`work` of every item, in the items' order; `most` of them run at once, and 1 needs no thread.

    At most twice as many results wait for one before them, so no more than that is lost where the caller stops.
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
