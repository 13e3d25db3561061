"""Follows what is published: a thread looks for a newer snapshot now and then, and switches to it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from ..processes import ProcessBound
from ..reports import SyncReport
from .copies import LocalCopy

logger = logging.getLogger(__name__)

EVERY = 30.0
"""Seconds between two looks."""
_PATIENCE = 5.0


class Following(ProcessBound):
    """Keeps a local copy up to date, in a thread of its own, until `stop`. What fails is logged and tried again."""

    report: SyncReport | None = None
    """Always None: the syncs are those of the publisher."""

    def __init__(self, copy: LocalCopy, every: float, switched: Callable[[], object]) -> None:
        """`switched` is called after each switch to another snapshot."""
        self.error: Exception | None = None
        """Why the last look failed; None if it did not."""
        self._copy = copy
        self._every = every
        self._switched = switched
        self._stopping = threading.Event()
        self._turn = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="ragtree-follow", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """False once it has ended."""
        return self._thread.is_alive()

    @property
    def snapshot(self) -> str:
        """The name of the snapshot in use."""
        return self._copy.current

    def look(self) -> bool:
        """Look now. True if there was another snapshot, which is in use from here on.

        Raises PublishedError and IndexMismatchError; then the snapshot in use stays.
        """
        with self._turn:
            if not self._copy.update(self._check_wanted):
                return False
            self._check_wanted(None)
            self._switched()
            return True

    def stop(self) -> None:
        """End it, and wait until it has ended, but at most some seconds for a place that does not answer. What is being
        fetched is continued the next time."""
        self._stopping.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(_PATIENCE)

    def _check_wanted(self, _: object) -> None:
        if self._stopping.is_set():
            raise _FetchEnded

    def _run(self) -> None:
        while not self._stopping.wait(self._every):
            try:
                self.look()
                self.error = None
            except _FetchEnded:
                return
            except Exception as error:  # noqa: BLE001  # the edge of a thread: whatever fails, it is tried again
                if self.error is None or str(self.error) != str(error):
                    logger.warning("%s; the snapshot in use stays", error)
                self.error = error


class _FetchEnded(BaseException):
    """Ends a fetch, because the index is closed."""
