"""Work that nobody wants any longer ends between two steps: what waits for a thread cannot end it otherwise."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Stopped(BaseException):
    """Nobody wants the rest. It passes through as Ctrl-C does, and what was done is kept."""


_STOP: ContextVar[threading.Event | None] = ContextVar("ragtree_stop", default=None)


@contextmanager
def stopped_by(stop: threading.Event) -> Iterator[None]:
    """What is done in the block ends soon after `stop` is set."""
    token = _STOP.set(stop)
    try:
        yield
    finally:
        _STOP.reset(token)


def check_wanted() -> None:
    """Raises Stopped where nobody wants the rest. Called between two pieces of a model, and two steps of a sync."""
    stop = _STOP.get()
    if stop is not None and stop.is_set():
        raise Stopped
