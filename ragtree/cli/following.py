"""The messages about a folder that is followed: a line for each sync, and for each that fails."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from .common import name_notices, name_skipped, notice, summary_line
from .output import printable

if TYPE_CHECKING:
    from ..reports import Difference, Skipped, SyncReport

_MOST_NAMED = 3


class WatchReporter:
    """Turns the reports and errors of a watch into lines, and keeps them until `tell` prints them."""

    def __init__(self, first: bool = False, tries_again: bool = True, stamp: Callable[[], str] = str) -> None:
        """`first`: report the first sync even if it changed nothing. `tries_again`: a failed sync is tried again.
        `stamp` returns what precedes a line."""
        self._first = first
        self._tries_again = tries_again
        self._stamp = stamp
        self._lines: deque[str] = deque()
        self._turn = threading.Lock()
        self._error = ""
        self._skipped: tuple[Skipped, ...] = ()
        self._begun = False

    def synced(self, report: SyncReport) -> None:
        """Add a line if something has changed or the sync works again, and one for each file that is newly left out."""
        changed = report.added or report.changed or report.renamed or report.removed
        if changed or self._error or (self._first and not self._begun):
            self.say(line_of(report))
        name_skipped([one for one in report.skipped if one not in self._skipped], self.say)
        name_notices(report, self.say)
        self._error, self._skipped, self._begun = "", report.skipped, True

    def say(self, line: str) -> None:
        """Add any other line."""
        self._lines.append(f"{self._stamp()}{printable(line)}")

    def failed(self, error: Exception) -> None:
        """Add a line, unless it repeats the last error."""
        said = f"ragtree: {error_line(error)}"
        if said != self._error:
            self.say(f"{said} (it will be tried again)" if self._tries_again else said)
        self._error = said

    def tell(self) -> None:
        """Print the waiting lines on standard error."""
        with self._turn:
            while self._lines:
                notice(self._lines.popleft())


def line_of(report: SyncReport) -> str:
    """The summary line of a sync, and the names of its documents."""
    names = _names(report)
    return f"{summary_line(report)}{': ' if names else ''}{names}"


def error_line(error: Exception) -> str:
    """An error in one line, with its class if it is not one of ragtree's."""
    from ..errors import RagtreeError

    said = " ".join(str(error).split())
    return said if isinstance(error, RagtreeError) else f"{type(error).__name__}: {said}"


def _names(difference: Difference) -> str:
    renamed = [f"{old} -> {new}" for old, new in difference.renamed]
    names = [*difference.added, *difference.changed, *renamed, *difference.removed]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
