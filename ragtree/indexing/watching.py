"""A folder that is followed: a thread that syncs the index at once, and when the folder has changed."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Self, TypeAlias

from ..errors import LoadError
from ..load.listing import check_folder
from ..load.noticing import noticed
from ..processes import OfOneProcess
from ..reports import SyncReport
from ..types import OnProgress, Progress, no_progress

logger = logging.getLogger(__name__)

OnSync: TypeAlias = Callable[[SyncReport], None]
OnError: TypeAlias = Callable[[Exception], None]

_TICK = 0.2
"""Seconds after which the watch looks around where nothing changes."""
_GATHERED = 1.6
"""Most seconds in which changes are gathered before they are looked at."""
_BETWEEN_LOOKS = 0.3
"""A file that has the same size and time after so many seconds is not being written."""
_MOST_LOOKS = 30
"""After so many the sync does not wait for a file any longer: one that never rests, such as a log, is read as it is."""
_FIRST_WAIT = 2.0
"""Seconds until what failed is tried again where nothing changes. It doubles with every failure."""
_LONGEST_WAIT = 300.0
_POLL = 2.0
"""Seconds between two looks at all files, where the system does not tell of changes."""


class _Stopped(BaseException):
    """The watch is to end: a sync leaves what is left to the next one."""


def _ignore_report(_: SyncReport) -> None:
    """Nobody wants to know."""


def _log(error: Exception) -> None:
    logger.warning("%s", error)


def _log_failure(error: Exception) -> None:
    logger.warning("%s; it is tried again", error)


class Watching(OfOneProcess):
    """A folder that an index follows, in a thread of its own, until `stop` or the end of its `with` block.

    Callbacks are called in that thread. What one of them raises ends the watch, and is raised again by `wait`, `stop`
    and the end of the `with` block.
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
        """`sync` brings the index in line with the folder; with `once` that is all. Raises NothingToIndexError where
        there is no such folder."""
        check_folder(folder)
        self.folder = folder
        self.report: SyncReport | None = None
        """What the last sync that came to its end did; None before the first."""
        self.error: Exception | None = None
        """Why the last sync failed; None where it did not."""
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
        """False once it has ended."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End the watch, and wait until it has: a sync that runs ends after its step, and the next one goes on from
        there. Stopping twice does no harm."""
        self._stopping.set()
        self.wait()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the watch has ended, at most `timeout` seconds. True where it has."""
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
        if self._failure is not None:  # what the block raised is not to be hidden by it
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
            self._thread.join(min(left, 1.0))  # without an end Ctrl-C would not come through on Windows

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
        except BaseException as error:  # noqa: BLE001 - raised again where the watch is waited for
            self._failure = error

    def _follow(self) -> None:
        """With one watcher: until the watch is to end, or another folder has the place of this one."""
        place = _identity(self.folder)
        top = Path(os.path.realpath(self.folder))
        with closing(self._changes(top)) as batches:
            for changed in batches:
                paths = noticed(top, changed)
                if paths:
                    self._let_settle(paths)
                if (paths or self._is_due()) and not self._stopping.is_set():
                    self._sync()
                if _identity(self.folder) != place:
                    self._due = time.monotonic()
                    return

    def _changes(self, top: Path) -> Generator[list[Path], None, None]:
        """What has changed below the folder; nothing every now and then.

        What changes while a sync runs is gathered meanwhile. What changed before there was a watcher it does not know,
        so there is a sync when it has begun.
        """
        from watchfiles import watch

        begun = False
        try:
            for changes in watch(
                top,
                watch_filter=None,  # `noticed` knows better what is read
                debounce=round(_GATHERED * 1000),
                stop_event=self._stopping,
                rust_timeout=round(_TICK * 1000),
                yield_on_timeout=True,
                raise_interrupt=False,
                force_polling=self._polling,
                poll_delay_ms=round(_POLL * 1000),
                ignore_permission_denied=True,  # what is not ours to read is named by the sync
            ):
                if not begun:
                    self._due, begun = time.monotonic(), True
                yield [Path(path) for _, path in changes]
        except FileNotFoundError:  # the sync says so
            self._stopping.wait(_TICK)
            yield []
        except (OSError, RuntimeError) as error:
            if (
                begun
            ):  # a name that is not Unicode ends a watcher; the next one begins with a sync, and so misses nothing
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
            yield []

    def _let_settle(self, paths: Sequence[Path]) -> None:
        """Wait until nobody writes these files: a file that is read half is read again, but until then it is half."""
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
        except Exception as error:  # noqa: BLE001 - told, and tried again: what is followed for days outlives it
            self._fail(error)
            return
        self.report, self.error = report, None
        if report.unwritten or report.without_context:  # the model failed in parts
            self._try_again()
        else:
            self._wait = _FIRST_WAIT
        self._on_sync(report)

    def _step(self, step: Progress) -> None:
        # What is in the catalog is brought to Chroma in any case, so that who goes on to search finds it.
        if self._stopping.is_set() and step.stage != "store":
            raise _Stopped
        self._progress(step)

    def _fail(self, error: Exception) -> None:
        self.error = error
        self._try_again()
        self._on_error(error)

    def _try_again(self) -> None:
        """In a while, if nothing changes before; each time in twice the time."""
        self._due = time.monotonic() + self._wait
        self._wait = min(2 * self._wait, _LONGEST_WAIT)


def _identity(folder: Path) -> tuple[int, int] | None:
    """What tells a folder from another one of its name; None where there is none."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _look(paths: Sequence[Path]) -> list[tuple[int, int] | None]:
    """Size and time of files; None where there is none."""
    looks: list[tuple[int, int] | None] = []
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            looks.append(None)
        else:
            looks.append((status.st_size, status.st_mtime_ns))
    return looks
