"""Makes a background sync wait for questions: both need the processor, and somebody is waiting for the answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ..types import OnProgress, Progress

_LONGEST = 60.0
"""Seconds after the start of a question for which a sync waits at most: an answer left half read never ends. Where
questions come without a pause, a sync works and waits in turns of this length."""
_TICK = 0.2


class QuestionPriority:
    """Counts the questions that threads are answering, so that a sync can wait between its steps."""

    def __init__(self) -> None:
        self._asking = 0
        self._until = 0.0
        self._changed = threading.Condition()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Mark that a question is being answered within the block."""
        with self._changed:
            self._asking += 1
            self._until = time.monotonic() + _LONGEST
        try:
            yield
        finally:
            with self._changed:
                self._asking -= 1
                self._changed.notify_all()

    def waiting_for_questions(self, progress: OnProgress) -> OnProgress:
        """Return `progress` for a background sync: it waits between steps while a question is being answered.

        `progress` is called during the wait, too, because it may want to end the sync. It does not wait while the
        mirrors are behind the catalog: a question may be waiting for them.
        """

        works_until = 0.0

        def step(done: Progress) -> None:
            nonlocal works_until
            progress(done)
            began = time.monotonic()
            while done.stage != "store" and time.monotonic() >= works_until and self._must_wait():
                progress(done)
                if time.monotonic() - began >= _LONGEST:
                    works_until = time.monotonic() + _LONGEST

        return step

    def _must_wait(self) -> bool:
        """Wait one tick at most. True if a question is still being answered then, and `_LONGEST` has not passed."""
        with self._changed:
            left = min(_TICK, self._until - time.monotonic())
            return left > 0 and not self._changed.wait_for(lambda: not self._asking, left)
