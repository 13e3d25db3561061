"""Follows a folder: a thread syncs the index at once, and again whenever the folder has changed."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol, Self, TypeAlias

from ..errors import LoadError
from ..load.listing import check_folder
from ..load.watch_filter import relevant_paths
from ..processes import ProcessBound
from ..reports import SyncReport
from ..types import OnProgress, Progress, no_progress

logger = logging.getLogger(__name__)

OnSync: TypeAlias = Callable[[SyncReport], None]
OnError: TypeAlias = Callable[[Exception], None]

_TICK = 0.2
"""Seconds after which the watch checks what is due if nothing changes."""
_GATHERED = 1.6
"""Most seconds for which changes are gathered before they are handled."""
_BETWEEN_LOOKS = 0.3
"""A file that has the same size and time after this many seconds is not being written."""
_MOST_LOOKS = 30
"""After this many looks, a sync no longer waits: a file that never rests, such as a log, is read as it is."""
_FIRST_WAIT = 2.0
"""Seconds until a failed sync is tried again if nothing changes. They double with every failure."""
_LONGEST_WAIT = 300.0
_POLL = 2.0
"""Seconds between two checks of all files if the system does not report changes."""


class _Stopped(BaseException):
    """Ends a sync because the watch is to end; the next sync does the rest."""


def _ignore_report(_: SyncReport) -> None:
    """Used if no `on_sync` is given."""


def _log(error: Exception) -> None:
    logger.warning("%s", error)


def _log_failure(error: Exception) -> None:
    logger.warning("%s; it is tried again", error)


class Stoppable(Protocol):
    """What works for an open index in a thread of its own."""

    @property
    def running(self) -> bool:
        """False once it has ended."""
        ...

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        ...


class Watching(ProcessBound):
    """Makes an index follow a folder, in a thread of its own, until `stop` or the end of the `with` block.

    Callbacks are called in that thread. If one raises, the watch ends, and `wait`, `stop` or the end of the `with`
    block raises the error again.
    """

    def __init__(
        self,
        folder: Path,
        sync: Callable[[OnProgress], SyncReport],
        on_sync: OnSync | None = None,
        on_error: OnError | None = None,
        progress: OnProgress = no_progress,
        once: bool = False,
    ) -> None:
        """`sync` brings the index in line with the folder. With `once` it is called once only. Raises
        NothingToIndexError if there is no such folder."""
        check_folder(folder)
        self.folder = folder
        self.report: SyncReport | None = None
        """The report of the last sync that finished; None before the first."""
        self.error: Exception | None = None
        """Why the last sync failed; None if it did not."""
        self._run_sync = sync
        self._on_sync = on_sync or _ignore_report
        self._on_error = on_error or (_log if once else _log_failure)
        self._progress = progress
        self._once = once
        self._stopping = threading.Event()
        self._failure: BaseException | None = None
        self._due: float | None = None
        self._wait = _FIRST_WAIT
        self._polling: bool | None = None
        self._thread = threading.Thread(target=self._run, name="ragtree-watch", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """False once the watch has ended."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End the watch, and wait until it has ended. A running sync ends after its current step, and the next sync
        continues from there. Stopping twice does no harm."""
        self._stopping.set()
        self.wait()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the watch has ended, at most `timeout` seconds. True if it has."""
        self._join(timeout)
        if self.running:
            return False
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._stopping.set()
        if kind is None:
            self.wait()
            return
        self._join(None)
        if self._failure is not None:  # it must not hide what the block raised
            logger.warning("the watch of %s had ended: %r", self.folder, self._failure)
            self._failure = None

    def _join(self, timeout: float | None) -> None:
        if threading.current_thread() is self._thread:  # a callback that stops its own watch
            return
        until = None if timeout is None else time.monotonic() + timeout
        while self._thread.is_alive():
            left = 1.0 if until is None else until - time.monotonic()
            if left <= 0:
                return
            self._thread.join(min(left, 1.0))  # without a timeout, Ctrl-C would not get through on Windows

    # --- in the thread

    def _run(self) -> None:
        try:
            if self._once:
                self._sync()
                return
            while not self._stopping.is_set():
                self._follow()
        except _Stopped:
            pass
        except BaseException as error:  # noqa: BLE001 - `wait` raises it again
            self._failure = error

    def _follow(self) -> None:
        """Follow the folder with one watcher, until the watch is to end or another folder has replaced this one."""
        place = _identity(self.folder)
        top = Path(os.path.realpath(self.folder))
        with closing(self._changes(top)) as batches:
            for changed, removed in batches:
                paths = relevant_paths(top, changed, removed)
                if paths:
                    self._let_settle(paths)
                if (paths or self._is_due()) and not self._stopping.is_set():
                    self._sync()
                # A new folder often gets the number of one that was just removed, so its number alone does not tell.
                if top in removed or _identity(self.folder) != place:
                    self._due = time.monotonic()
                    return

    def _changes(self, top: Path) -> Generator[tuple[set[Path], set[Path]], None, None]:
        """Yield the paths that have changed below the folder and those that were removed, and every now and then none.

        Changes during a sync are gathered. The watcher does not know of changes before its start, so a sync is due
        once it has started.
        """
        from watchfiles import Change, watch

        begun = False
        try:
            for changes in watch(
                top,
                watch_filter=None,  # `relevant_paths` filters better
                debounce=round(_GATHERED * 1000),
                stop_event=self._stopping,
                rust_timeout=round(_TICK * 1000),
                yield_on_timeout=True,
                raise_interrupt=False,
                force_polling=self._polling,
                poll_delay_ms=round(_POLL * 1000),
                ignore_permission_denied=True,  # the sync names what may not be read
            ):
                if not begun:
                    self._due, begun = time.monotonic(), True
                removed = {Path(path) for change, path in changes if change == Change.deleted}
                yield {Path(path) for _, path in changes} - removed, removed
        except FileNotFoundError:  # the sync reports it
            self._stopping.wait(_TICK)
            yield set(), set()
        except (OSError, RuntimeError) as error:
            if (
                begun
            ):  # a name that is not Unicode ends a watcher; the next one starts with a sync, so nothing is missed
                logger.info("the watcher of %s ended (%s); another one begins", self.folder, error)
                self._stopping.wait(_GATHERED)
                return
            self._polling = True
            self._fail(
                LoadError(
                    str(self.folder),
                    f"the system does not tell of its changes ({error}), so all of it is looked at every {_POLL:g} s; "
                    "on Linux, raise fs.inotify.max_user_watches",
                )
            )
            self._stopping.wait((self._due or 0) - time.monotonic())
            yield set(), set()

    def _let_settle(self, paths: Sequence[Path]) -> None:
        """Wait until nothing writes to these files. A file that is read too early is read again later, but until then
        half of it is missing."""
        before = _look(paths)
        for _ in range(_MOST_LOOKS):
            if self._stopping.wait(_BETWEEN_LOOKS):
                return
            now = _look(paths)
            if now == before:
                return
            before = now

    def _is_due(self) -> bool:
        return self._due is not None and time.monotonic() >= self._due

    def _sync(self) -> None:
        self._due = None
        try:
            report = self._run_sync(self._step)
        except Exception as error:  # noqa: BLE001 - reported, and tried again: a watch of many days must outlive it
            self._fail(error)
            return
        self.report, self.error = report, None
        if report.unwritten or report.without_context:  # the model failed in parts
            self._try_again()
        else:
            self._wait = _FIRST_WAIT
        self._on_sync(report)

    def _step(self, step: Progress) -> None:
        # What is in the catalog is always brought to Chroma, so that it can be found even if the watch ends.
        if self._stopping.is_set() and step.stage != "store":
            raise _Stopped
        self._progress(step)

    def _fail(self, error: Exception) -> None:
        self.error = error
        self._try_again()
        self._on_error(error)

    def _try_again(self) -> None:
        """Schedule another sync in case nothing changes before. The wait doubles each time."""
        self._due = time.monotonic() + self._wait
        self._wait = min(2 * self._wait, _LONGEST_WAIT)


def _identity(folder: Path) -> tuple[int, int] | None:
    """What tells a folder from another one of the same name; None if there is no such folder."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _look(paths: Sequence[Path]) -> list[tuple[int, int] | None]:
    """The size and time of each file; None for one that does not exist."""
    looks: list[tuple[int, int] | None] = []
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            looks.append(None)
        else:
            looks.append((status.st_size, status.st_mtime_ns))
    return looks
