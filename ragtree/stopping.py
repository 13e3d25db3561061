"""Work that nobody wants any longer ends between two steps: what waits for a thread cannot end it otherwise."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Stopped(BaseException):
    """Nobody wants the rest. It passes through as Ctrl-C does, and what was done is kept."""


_STOPS: ContextVar[tuple[threading.Event, ...]] = ContextVar("ragtree_stops", default=())


@contextmanager
def stopped_by(stop: threading.Event) -> Iterator[None]:
    """What is done in the block ends soon after `stop` is set."""
    token = _STOPS.set((*_STOPS.get(), stop))
    try:
        yield
    finally:
        _STOPS.reset(token)


def check_wanted() -> None:
    """Raises Stopped where nobody wants the rest. Called between two pieces of a model, and two steps of a sync."""
    if any(stop.is_set() for stop in _STOPS.get()):
        raise Stopped
