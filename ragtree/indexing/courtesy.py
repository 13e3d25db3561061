"""A sync in the background gives way to questions: both want the processor, and somebody waits for the answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ..types import OnProgress, Progress

_LONGEST = 60.0
"""Seconds after a question that a sync gives way at most: an answer that somebody left half read never ends."""
_TICK = 0.2


class Courtesy:
    """Threads say while they answer; a sync waits between its steps."""

    def __init__(self) -> None:
        self._asking = 0
        self._until = 0.0
        self._changed = threading.Condition()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """A question is being answered in the block."""
        with self._changed:
            self._asking += 1
            self._until = time.monotonic() + _LONGEST
        try:
            yield
        finally:
            with self._changed:
                self._asking -= 1
                self._changed.notify_all()

    def polite(self, progress: OnProgress) -> OnProgress:
        """The same progress for a sync in the background: between its steps it waits until no question is answered.

        `progress` is called meanwhile, too, as it may want to end the sync. While the mirrors are behind the catalog
        there is no waiting: a question may wait for them.
        """

        def step(done: Progress) -> None:
            progress(done)
            while done.stage != "store" and self._must_wait():
                progress(done)

        return step

    def _must_wait(self) -> bool:
        """True if a question is still being answered after a while."""
        with self._changed:
            left = min(_TICK, self._until - time.monotonic())
            return left > 0 and not self._changed.wait_for(lambda: not self._asking, left)
