"""`ragtree watch FOLDER`"""

from __future__ import annotations

import signal
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from .common import CommandTarget, notice, opened, progress_bars, with_target
from .following import WatchReporter

if TYPE_CHECKING:
    from ..reports import SyncReport
    from ..types import OnProgress, Progress


@click.command("watch")
@with_target
def command(where: CommandTarget) -> None:
    """Follow FOLDER: bring its index up to date now, and whenever files have changed, until Ctrl-C."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service is stopped as by Ctrl-C
    shown = _Shown()
    try:
        with opened(where, create=True) as tree:
            watching = tree.watch(where.folder, shown.synced, shown.failed, shown.progress)
            try:
                watching.wait()
            except KeyboardInterrupt:
                notice("stopping after the current step")
                watching.stop()
    finally:
        shown.close()
        signal.signal(signal.SIGTERM, before)
    notice("stopped; what was done is kept, and the next run continues from there")


class _Shown:
    """Shows lines with the time of day before them, and between them the bars of a running sync."""

    def __init__(self) -> None:
        self._following = WatchReporter(first=True, stamp=lambda: time.strftime("%H:%M:%S "))
        self._bars = ExitStack()
        self._show: OnProgress | None = None

    def progress(self, step: Progress) -> None:
        """Show bars if standard error is a terminal."""
        if self._show is None:
            self._show = self._bars.enter_context(progress_bars())
        self._show(step)

    def synced(self, report: SyncReport) -> None:
        """Called after a sync."""
        self.close()
        self._following.synced(report)
        self._following.tell()

    def failed(self, error: Exception) -> None:
        """Called after a sync that failed."""
        self.close()
        self._following.failed(error)
        self._following.tell()

    def close(self) -> None:
        """Remove the bars."""
        self._bars.close()
        self._show = None
