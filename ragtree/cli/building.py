"""Building an index during a chat, and the messages about it between lines and answers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from .common import not_up_to_date, notice, so_far
from .following import WatchReporter

if TYPE_CHECKING:
    from ..tree import RagTree

_A_MOMENT = 2.0
"""Seconds in which most unchanged folders are checked. The prompt waits until then."""
_LOOK = 0.05


class BackgroundWork:
    """What happens during a chat: here, nothing."""

    def tell(self) -> None:
        """Print waiting messages. Called between a line and its answer, and between an answer and the next line."""

    def ready(self) -> bool:
        """Called before a question. Return False if it cannot be asked."""
        return True

    def answered(self) -> None:
        """Called after a question has been answered."""


class BackgroundSync(BackgroundWork):
    """A sync in the background, once or (`follow`) whenever the folder changes.

    If it fails, a message says so, and questions are answered from what is in the index. If nothing is in, its error is
    raised.
    """

    def __init__(self, tree: RagTree, folder: Path, follow: bool) -> None:
        self._tree = tree
        self._following = WatchReporter(tries_again=follow)
        self._asked_of = ""
        self._watch = tree.watch(folder, self._following.synced, self._failed, settings_too=False, once=not follow)

    def __enter__(self) -> Self:
        """Wait a moment: if little has changed, everything is in then."""
        ends = time.monotonic() + _A_MOMENT
        while not self._has_ended and time.monotonic() < ends:
            time.sleep(_LOOK)
        self.tell()
        return self

    def __exit__(self, *_: object) -> None:
        is_building = not self._has_ended
        if is_building:
            notice("stopping after the current step")
        self._watch.stop()
        if is_building:
            notice(f"stopped with {so_far(self._tree.stats())}; the next run continues from there")

    @property
    def _has_ended(self) -> bool:
        """True if the sync, or the first one, has ended."""
        return self._watch.report is not None or self._watch.error is not None or not self._watch.running

    def tell(self) -> None:
        if self._watch.error is not None and not self._tree.stats().documents:
            raise self._watch.error
        self._following.tell()

    def ready(self) -> bool:
        """Wait for the first documents."""
        told = False
        while not self._has_ended and not self._tree.stats().documents:
            if not told:
                notice("no document is indexed yet; the answer waits for the first ones")
            told = True
            time.sleep(_LOOK)
        self._asked_of = "" if self._has_ended else so_far(self._tree.stats())
        return self._watch.error is None or self._tree.stats().documents > 0

    def answered(self) -> None:
        if self._asked_of:
            notice(f"answered from {self._asked_of}")

    def _failed(self, error: Exception) -> None:
        from ..errors import IndexLockedError

        if isinstance(error, IndexLockedError):
            self._following.say(not_up_to_date(error))
        else:
            self._following.failed(error)
