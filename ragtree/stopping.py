"""Cooperative cancellation: unwanted work ends between two steps, because a thread cannot be killed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Stopped(BaseException):
    """The rest is no longer wanted. Like KeyboardInterrupt, this is not an Exception; finished work is kept."""


_STOPS: ContextVar[tuple[threading.Event, ...]] = ContextVar("ragtree_stops", default=())


@contextmanager
def stopped_by(stop: threading.Event) -> Iterator[None]:
    """Work in the block ends soon after `stop` is set."""
    token = _STOPS.set((*_STOPS.get(), stop))
    try:
        yield
    finally:
        _STOPS.reset(token)


def check_wanted() -> None:
    """Raises Stopped if the rest is no longer wanted. Called between pieces of a model and between steps of a sync."""
    if any(stop.is_set() for stop in _STOPS.get()):
        raise Stopped
